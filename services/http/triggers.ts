import * as v from "valibot";
import type { Fields } from "../../src/contract/machine.ts";
import type { Triggers } from "../../src/contract/service.ts";
import { durationMs } from "../../src/wire/duration.ts";
import { httpStub } from "./stub.ts";
import { rawPath } from "./target.ts";

/** What a chain of triggers comes to: a rule's reply and fault, as users write them. */
interface Chain {
  readonly fault: { [key: string]: unknown };
  readonly reply: { [key: string]: unknown };
  /** Nothing is answered. */
  isWithheld: boolean;
  /** What was asked for. */
  readonly target: string;
}

/** Takes its arguments from the segments behind its name, and says how many; `undefined` if it is no trigger. */
type Link = (segments: readonly string[], chain: Chain) => number | undefined;

/** Faults of the connection: with a count of octets they strike behind so many of the answer, otherwise in its place. */
const CUTS: { readonly [word: string]: string } = {
  reset: "reset",
  close: "close",
  stall: "stall",
  "half-close": "halfClose",
};

/** Faults of the message: what they change in the service's own answer. */
const CHANGES: { readonly [word: string]: { readonly [key: string]: unknown } } = {
  "http-0.9": { head: false },
  "bad-status-line": { statusLine: "HTTP/1.1 abc" },
  "no-colon": { lines: ["a header without a colon"] },
  "no-blank-line": { blankLine: false },
  "bare-lf": { lineEnd: "lf" },
  "many-headers": { manyHeaders: 10_000 },
  "big-header": { bigHeader: 1_000_000 },
  "long-length": { contentLength: 1_000_000_000 },
  "short-length": { contentLength: 1 },
  "two-lengths": { contentLength: [5, 6] },
  "length-and-chunks": { chunked: true, contentLength: 5 },
  "bad-chunk": { chunkSize: "xyz" },
  "no-last-chunk": { lastChunk: false },
  "bad-gzip": { coding: "gzip-corrupt" },
  interim: { interim: { status: 102, times: 1000 } },
  "no-location": { status: 302, headers: { location: false } },
};

const GARBAGE = "\0\u0001garbage\ufffd\r\n";

const LINKS: { readonly [name: string]: Link } = {
  delay: ([time], chain) => {
    const ms = timeOf(time);
    const sum = durationMs(Number(chain.fault.delay ?? 0) + (ms ?? Number.NaN));
    if (sum === undefined) return undefined;
    chain.fault.delay = sum;
    return 1;
  },
  slow: ([rate], chain) => {
    const octets = countOf(rate);
    if (!octets) return undefined;
    chain.fault.bandwidth = octets;
    return 1;
  },
  drip: ([size, time], chain) => {
    const octets = countOf(size);
    const every = timeOf(time);
    if (!octets || every === undefined) return undefined;
    chain.fault.slice = { octets, every };
    return 2;
  },
  status: ([code], chain) => {
    if (!/^[1-9]\d\d$/.test(code ?? "")) return undefined;
    chain.reply.status = Number(code);
    return 1;
  },
  fault: ([word = "", count], chain) => {
    const octets = countOf(count);
    const taken = octets === undefined ? 1 : 2;
    const cut = Object.hasOwn(CUTS, word) ? CUTS[word] : undefined;
    const change = Object.hasOwn(CHANGES, word) ? CHANGES[word] : undefined;
    if (cut !== undefined) {
      if (Object.values(CUTS).some((other) => chain.fault[other] !== undefined)) return undefined;
      chain.fault[cut] = octets === undefined ? true : { after: octets };
      chain.isWithheld ||= octets === undefined && word !== "half-close";
      return taken;
    }
    if (change !== undefined) {
      Object.assign(chain.reply, change);
      return 1;
    }
    switch (word) {
      case "silence":
        chain.fault.silence = chain.isWithheld = true;
        return 1;
      case "stop-reading":
        chain.fault.stopReading = true;
        return 1;
      case "garbage":
        chain.reply.raw = GARBAGE;
        return 1;
      case "truncate":
        chain.fault.truncate = octets ?? -1;
        return taken;
      case "corrupt":
        chain.fault.corrupt = octets ?? 0;
        return taken;
      case "redirect-loop":
        Object.assign(chain.reply, { status: 302, headers: { location: chain.target } });
        return 1;
      default:
        return undefined;
    }
  },
};

/** Paths that provoke faults. */
export const httpTriggers: Triggers = {
  table: [
    { trigger: "/delay/2/...", effect: "The answer comes so many seconds later; also `200ms`." },
    { trigger: "/slow/1000/...", effect: "It comes at so many octets a second." },
    { trigger: "/drip/1/50ms/...", effect: "It comes in pieces of so many octets, one every so often." },
    { trigger: "/status/503/...", effect: "It has this status; where nothing follows, it is that status alone." },
    { trigger: "/fault/reset", effect: "RST in place of an answer; `/fault/reset/100/...`: behind 100 octets of it." },
    { trigger: "/fault/close", effect: "The same with FIN." },
    { trigger: "/fault/stall", effect: "Nothing more is sent, and the connection stays open; likewise." },
    { trigger: "/fault/silence", effect: "This request gets no answer; the next one does." },
    { trigger: "/fault/half-close/...", effect: "FIN behind the answer, and what comes is still read." },
    { trigger: "/fault/stop-reading/...", effect: "Nothing more is read from the connection." },
    { trigger: "/fault/truncate/...", effect: "The last octet is missing; `/fault/truncate/100/...`: all but 100." },
    {
      trigger: "/fault/corrupt/...",
      effect: "The first octet is wrong; `/fault/corrupt/100/...`: the one behind 100.",
    },
    { trigger: "/fault/garbage", effect: "Garbage, and the end of the connection." },
    { trigger: "/fault/redirect-loop", effect: "302 to where one is." },
    ...Object.entries(CHANGES).map(([word, change]) => ({
      trigger: `/fault/${word}/...`,
      effect: `The answer with \`${printed(change)}\`.`,
    })),
  ],
  match: ({ target }: Fields) => (typeof target === "string" ? consequenceOf(target) : undefined),
};

const FIRST = /^(?:https?:\/\/[^/?]*)?\/(?:delay|slow|drip|status|fault)\//i;

function consequenceOf(target: string): { readonly reply?: unknown; readonly fault?: unknown } | undefined {
  if (!FIRST.test(target)) return undefined;
  const path = rawPath(target);
  const query = target.includes("?") ? target.slice(target.indexOf("?")) : "";
  const segments = path.slice(1).split("/");
  const chain: Chain = { fault: {}, reply: {}, isWithheld: false, target: path + query };
  let at = 0;
  while (at < segments.length) {
    const name = segments[at] ?? "";
    const taken = Object.hasOwn(LINKS, name) ? LINKS[name]?.(segments.slice(at + 1), chain) : undefined;
    if (taken === undefined) break;
    at += 1 + taken;
  }
  const { fault, isWithheld } = chain;
  const faults = Object.keys(fault);
  if (isWithheld) return { fault };
  const reply = replyOf(chain.reply, faults, at < segments.length ? `/${segments.slice(at).join("/")}` : "", query);
  // What has no meaning together is no trigger.
  if (at === 0 || !v.is(httpStub, reply)) return undefined;
  return faults.length > 0 ? { reply, fault } : { reply };
}

/** The rest of the path is the site's. Where there is none, a delay's is what the demo endpoint of that name says. */
function replyOf(reply: Chain["reply"], faults: readonly string[], rest: string, query: string): object {
  if (reply.raw !== undefined) return { raw: reply.raw };
  const changes = Object.keys(reply);
  if (rest !== "") return { own: rest + query, ...reply };
  if (changes.includes("status") && changes.every((key) => key === "status" || key === "headers")) return reply;
  const isOnlyLate = changes.length === 0 && faults.every((key) => key === "delay");
  return { own: `${isOnlyLate ? "/anything" : "/"}${query}`, ...reply };
}

/** `{ status: 302 }`, as one writes it in a rule. */
function printed(change: object): string {
  return JSON.stringify(change)
    .replace(/"(\w+)":/g, "$1: ")
    .replace(/([{,])(?! )/g, "$1 ")
    .replaceAll("}", " }");
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds of `1.5` (seconds) or of a time with its unit. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return durationMs(/^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) * 1000 : text);
}
