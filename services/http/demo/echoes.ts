import { jsonReply, type Reply } from "../reply.ts";
import type { Asked } from "../request.ts";
import { describeContent, describeFields, describeRequest } from "./description.ts";
import { type DemoEndpoint, demoError, MAX_DEMO_OCTETS } from "./endpoint.ts";

/** Endpoints that say what they were asked. */
export const ECHOES: readonly DemoEndpoint[] = [
  {
    path: "/get",
    methods: ["GET"],
    doc: "The request as JSON.",
    answer: (asked) => jsonReply(200, describeRequest(asked)),
  },
  { path: "/post", methods: ["POST"], doc: "The request and its content as JSON.", reads: true, answer: echoReply },
  { path: "/put", methods: ["PUT"], doc: "The same for PUT.", reads: true, answer: echoReply },
  { path: "/patch", methods: ["PATCH"], doc: "The same for PATCH.", reads: true, answer: echoReply },
  { path: "/delete", methods: ["DELETE"], doc: "The same for DELETE.", reads: true, answer: echoReply },
  { path: "/anything", methods: "any", doc: "The same for every method.", reads: true, answer: echoReply },
  { path: "/anything/{rest*}", methods: "any", doc: "The same, with any path.", reads: true, answer: echoReply },
  {
    path: "/headers",
    methods: ["GET"],
    doc: "The header fields as JSON.",
    answer: ({ fields }) => jsonReply(200, { headers: describeFields(fields) }),
  },
  {
    path: "/ip",
    methods: ["GET"],
    doc: "The address that the request came from.",
    answer: ({ origin }) => jsonReply(200, { origin }),
  },
  {
    path: "/user-agent",
    methods: ["GET"],
    doc: "The client's User-Agent.",
    answer: ({ request }) => jsonReply(200, { "user-agent": request.headers["user-agent"] ?? "" }),
  },
];

/** The whole request as JSON. */
export function echoReply(asked: Asked): Reply {
  const { body } = asked.request;
  if (body.length > MAX_DEMO_OCTETS) return demoError(413, `at most ${MAX_DEMO_OCTETS} octets are echoed`);
  const content = describeContent(asked);
  if (typeof content === "string") return demoError(400, `error parsing request body: ${content}`);
  try {
    return jsonReply(200, { ...describeRequest(asked), ...content });
  } catch (error) {
    // JSON nested deeper than the stack can be read, but not written.
    if (!(error instanceof RangeError)) throw error;
    return demoError(400, "error parsing request body: it is nested too deeply");
  }
}
