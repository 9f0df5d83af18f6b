import { emptyReply, type Header, type Reply } from "../reply.ts";
import type { Asked } from "../request.ts";
import { urlOf } from "./description.ts";
import { argument, type DemoEndpoint, demoError, integer } from "./endpoint.ts";

/** Fields without which a status would be wrong (RFC 9110 sections 11.6.1, 11.7.1, 15.4). */
const STATUS_HEADERS: { readonly [status: number]: Header } = {
  301: ["Location", "/redirect/1"],
  302: ["Location", "/redirect/1"],
  303: ["Location", "/redirect/1"],
  307: ["Location", "/redirect/1"],
  308: ["Location", "/redirect/1"],
  401: ["WWW-Authenticate", 'Basic realm="Fake Realm"'],
  407: ["Proxy-Authenticate", 'Basic realm="Fake Realm"'],
  426: ["Upgrade", "HTTP/2.0"],
};

const MAX_REDIRECTS = 100;
const MAX_CHOICES = 100;

/** Endpoints that answer with a status of one's choice. */
export const STATUSES: readonly DemoEndpoint[] = [
  {
    path: "/status/{codes}",
    methods: "any",
    doc: "That status; of several, `200,500` or `200:0.9,500:0.1`, one by chance.",
    answer: (_asked, [codes = ""], context) => statusReply(codes, context.random),
  },
  {
    path: "/redirect/{n}",
    methods: "any",
    doc: "302, n times, then /get; with `?absolute=true` to absolute URLs.",
    answer: (asked, [n]) => hopReply(asked, n, argument(asked, "absolute")?.toLowerCase() === "true"),
  },
  {
    path: "/relative-redirect/{n}",
    methods: "any",
    doc: "302 to a path, n times, then /get.",
    answer: (asked, [n]) => hopReply(asked, n, false),
  },
  {
    path: "/absolute-redirect/{n}",
    methods: "any",
    doc: "302 to a whole URL, n times, then /get.",
    answer: (asked, [n]) => hopReply(asked, n, true),
  },
  {
    path: "/redirect-to",
    methods: "any",
    doc: "302 to `?url=`, or `?status_code=` instead of 302.",
    answer: redirectToReply,
  },
];

function statusReply(codes: string, random: () => number): Reply {
  const choices = codes.split(",", MAX_CHOICES + 1).map((choice) => {
    const [, code, weight = "1"] = /^([0-9]{3})(?::([0-9]{1,9}(?:\.[0-9]{1,9})?))?$/.exec(choice) ?? [];
    return { status: Number(code), weight: Number(weight) };
  });
  // A 1xx would only announce the response.
  const sound = choices.every(({ status }) => status >= 200 && status <= 599);
  if (!sound || choices.length > MAX_CHOICES) return demoError(400, "invalid status code: not in range [200, 599]");
  let at = choices.length > 1 ? random() * choices.reduce((sum, { weight }) => sum + weight, 0) : 0;
  const chosen = choices.find(({ weight }) => {
    at -= weight;
    return at < 0;
  });
  const status = (chosen ?? choices[0])?.status ?? 200;
  const header = STATUS_HEADERS[status];
  return header ? emptyReply(status, header) : emptyReply(status);
}

function hopReply(asked: Asked, text: string | undefined, absolute: boolean): Reply {
  const n = integer(text, "redirect count", 1, MAX_REDIRECTS);
  if (typeof n !== "number") return n;
  const path = n === 1 ? "/get" : `/${absolute ? "absolute" : "relative"}-redirect/${n - 1}`;
  const authority = /^https?:\/\/[^/?]*/i.exec(urlOf(asked))?.[0] ?? "";
  return emptyReply(302, ["Location", absolute ? authority + path : path]);
}

function redirectToReply(asked: Asked): Reply {
  const url = argument(asked, "url");
  if (!url) return demoError(400, "missing required query parameter: url");
  const status = integer(argument(asked, "status_code") ?? "302", "status code", 300, 399);
  if (typeof status !== "number") return status;
  return emptyReply(status, ["Location", locationOf(url)]);
}

/** A URL keeps its own escapes; what may not stand in one is escaped. */
function locationOf(url: string): string {
  return url.replace(/[^\x21-\x7e]/gu, (char) => encodeURIComponent(char.replace(/\p{Surrogate}/u, "\ufffd")));
}
