import { describe, expect, it } from "vitest";
import type { Input, Output } from "../../../src/contract/machine.ts";
import { fromLatin1 } from "../../../src/wire/bytes.ts";
import { makeContext, makeMachine, requestText, Visit } from "./visit.ts";

const NOW = Date.UTC(2026, 0, 1);
const ENDPOINT = { address: "127.0.0.1", port: 40_000 };

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;

/** A machine without anybody who pulls or keeps time. */
function open(context = makeContext()): (input: Unstamped<Input>) => Output[] {
  const machine = makeMachine(context);
  const tell = (input: Unstamped<Input>) => [...machine.handle({ ...input, now: NOW } as Input)];
  tell({ type: "open", local: ENDPOINT, peer: ENDPOINT });
  return tell;
}
const data = (text: string): Unstamped<Input> => ({ type: "data", bytes: fromLatin1(text) });
const octetsOf = (outputs: readonly Output[]) =>
  outputs.reduce((sum, output) => sum + (output.do === "send" ? output.bytes.length : 0), 0);
const asSecond = ({ request, reply }: Visit["exchanges"][number]) => ({
  request: { ...(request as object), ordinal: 2 },
  reply,
});
const words = (outputs: readonly Output[]) => outputs.map((output) => output.do);

describe("an exchange", () => {
  it("has the request's and the reply's fields", () => {
    const visit = new Visit();
    visit.say(
      "POST /status/201?a=1&a=2&b=%C3%A9 HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    expect(visit.exchanges).toEqual([
      {
        request: {
          method: "POST",
          target: "/status/201?a=1&a=2&b=%C3%A9",
          path: "/status/201",
          query: { a: ["1", "2"], b: "é" },
          version: "1.1",
          host: "h:1",
          headers: { host: "h:1", "x-a": "1, 2", cookie: "a=1; b=2", "transfer-encoding": "chunked" },
          trailers: { "x-sum": "1" },
          body: Buffer.from("hi"),
          secure: false,
          ordinal: 1,
        },
        reply: {
          status: 201,
          reason: "Created",
          headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT", server: "Portwright", "content-length": "0" },
          body: Buffer.alloc(0),
        },
      },
    ]);
  });

  it("comes for every request, in their order, in the turn of its response", () => {
    const tell = open();
    const outputs = tell(data(requestText("GET /pub/hello.txt") + requestText("GET /nowhere") + requestText("HEAD /")));
    expect(words(outputs)).toEqual(["send", "exchange", "send", "exchange", "send", "exchange"]);
  });

  it("comes for a response that was cut off, with a note", () => {
    const tell = open();
    tell(data(requestText("GET /pub/1MiB.txt")));
    expect(words(tell({ type: "closed" }))).toEqual(["note", "exchange"]);
  });

  it("comes for a response that nobody waited for", () => {
    const tell = open();
    tell(data(requestText("GET /delay/3")));
    expect(words(tell({ type: "closed" }))).toEqual(["note", "exchange"]);
  });
});

describe("a peer that does not read", () => {
  it("gets a large file a piece at a time", () => {
    const tell = open();
    const first = tell(data(requestText("GET /pub/1MiB.txt")));
    expect(octetsOf(first)).toBeLessThan(65_537);
    expect(first.at(-1)?.do).toBe("pull");
    let octets = octetsOf(first);
    for (let outputs = first; outputs.at(-1)?.do === "pull"; octets += octetsOf(outputs))
      outputs = tell({ type: "pull" });
    expect(octets).toBeGreaterThan(1024 * 1024);
  });

  it("gets only so many responses for many requests in one piece", () => {
    const tell = open();
    const many = requestText("GET /bytes/60000").repeat(100);
    const outputs = tell(data(many));
    expect(octetsOf(outputs)).toBeLessThan(500_000);
    expect(outputs.at(-1)?.do).toBe("pull");
  });

  it("is let go when it stays idle", () => {
    const tell = open();
    tell(data(requestText("GET /pub/1MiB.txt")));
    expect(tell({ type: "idle" }).at(-1)).toEqual({ do: "close", how: "reset" });
  });

  it("may not send more than one whole request ahead", () => {
    const tell = open(makeContext({ maxBodyOctets: 1000, maxHeadOctets: 1000 }));
    tell(data(requestText("GET /delay/1")));
    const notes = tell(data("x".repeat(2001)));
    expect(notes).toEqual([{ do: "note", event: "pipeline-too-long", detail: { octets: 2001 } }]);
    expect(tell(data("x".repeat(2001)))).toEqual([]);
    const outputs = tell({ type: "timer", name: "response" });
    expect(words(outputs)).toEqual(["send", "exchange", "close"]);
  });
});

describe("the harness", () => {
  it.each([
    ["closes an idle connection without a word", "", "stopping", ["close"]],
    ["answers half a request", "GET / HT", "stopping", ["note", "send", "exchange", "close"]],
    ["turns one connection too many away", "", "too-many-sessions", ["send", "close"]],
  ] as const)("%s", (_what, octets, reason, expected) => {
    const tell = open();
    if (octets !== "") tell(data(octets));
    const outputs = tell({ type: "shutdown", reason });
    expect(words(outputs).filter((word) => word !== "timer")).toEqual(expected);
    expect(tell(data(requestText("GET /")))).toEqual([]);
  });

  it("lets the response on its way arrive", () => {
    const tell = open();
    tell(data(requestText("GET /delay/1") + requestText("GET /")));
    expect(tell({ type: "shutdown", reason: "stopping" })).toEqual([]);
    const outputs = tell({ type: "timer", name: "response" });
    expect(words(outputs)).toEqual(["send", "exchange", "close"]);
  });
});

describe("timers", () => {
  it("cost a request that comes in one piece nothing", () => {
    const tell = open();
    expect(words(tell(data(requestText("GET /"))))).toEqual(["send", "exchange"]);
    expect(words(tell(data(requestText("POST /post", ["Content-Length: 2"], "hi"))))).toEqual(["send", "exchange"]);
  });

  it("run for a head and for a body, each with its own time", () => {
    const tell = open();
    const timers = (outputs: readonly Output[]) => outputs.filter((output) => output.do === "timer");
    expect(timers(tell(data("POST /post HTTP/1.1\r\n")))).toEqual([{ do: "timer", name: "request", ms: 15_000 }]);
    expect(timers(tell(data("Host: x\r\n")))).toEqual([]);
    expect(timers(tell(data("Content-Length: 2\r\n\r\n")))).toEqual([{ do: "timer", name: "request", ms: 60_000 }]);
    expect(timers(tell(data("h")))).toEqual([]);
    expect(timers(tell(data("i")))).toEqual([{ do: "timer", name: "request", ms: "off" }]);
  });
});

describe("a request's content", () => {
  it("may be large, and deeply nested", () => {
    const visit = new Visit();
    const depth = 100_000;
    const nested = "[".repeat(depth) + "]".repeat(depth);
    visit.say(
      requestText("POST /post", ["Content-Type: application/json", `Content-Length: ${nested.length}`], nested),
    );
    visit.say(requestText("POST /post", [`Content-Length: ${2 ** 21}`], "x".repeat(2 ** 21)));
    expect(visit.statuses).toEqual(["400 Bad Request", "413 Content Too Large"]);
  });
});

describe("fields that come again, to the octet", () => {
  const SECTIONS = [
    "Host: example.test\r\n\r\n",
    "Host: example.test\r\nUser-Agent: x\r\nRange: bytes=0-4\r\n\r\n",
    "Host: example.test\r\nContent-Length: 2\r\n\r\nhi",
    "Host: example.test\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "Host: example.test\r\nConnection: close\r\n\r\n",
    "Host: a b\r\n\r\n",
    "X: y\r\n\r\n",
  ];
  const LINES = [
    "GET /pub/hello.txt HTTP/1.1\r\n",
    "POST /post HTTP/1.1\r\n",
    "GET /get HTTP/1.0\r\n",
    "GET http://other.test/get HTTP/1.1\r\n",
    "GET nonsense HTTP/1.1\r\n",
    "CONNECT h:1 HTTP/1.1\r\n",
  ];
  const cases = SECTIONS.flatMap((section) => LINES.flatMap((one) => LINES.map((two) => [one, two, section] as const)));

  it.each(cases)("mean the same behind %j and %j: %j", (one, two, section) => {
    const visit = new Visit();
    visit.say(one + section);
    const first = visit.answered;
    if (visit.isClosed) return;
    visit.say(two + section);
    const alone = new Visit();
    alone.say(two + section);
    expect(visit.answered.slice(first.length)).toBe(alone.answered);
    expect(visit.exchanges.slice(1)).toEqual(alone.exchanges.map(asSecond));
    expect(visit.isClosed).toBe(alone.isClosed);
  });

  it("still count against the limit of the head", () => {
    const context = makeContext({ maxHeadOctets: 100 });
    const section = `Host: x\r\nA: ${"b".repeat(50)}\r\n\r\n`;
    const visit = new Visit(context);
    visit.say(`GET /status/204 HTTP/1.1\r\n${section}`);
    visit.say(`GET /status/204?${"c".repeat(20)} HTTP/1.1\r\n${section}`);
    expect(visit.statuses).toEqual(["204 No Content", "431 Request Header Fields Too Large"]);
  });
});
