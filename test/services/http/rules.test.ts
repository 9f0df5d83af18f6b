import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PortwrightError } from "../../../src/errors.ts";
import type { Rule } from "../../../src/stub/rule.ts";
import type { RuleSet } from "../../../src/stub/rule-set.ts";
import { contentOf, makeContext, makeRules, requestText, Visit } from "./visit.ts";

const FILE = "/pub/hello.txt";
const HELLO = "Hello from example.test.\n";
const NEXT = requestText(`GET ${FILE}`);

/** A visit under rules; the last one is asked first. */
function visitUnder(...rules: readonly object[]): { readonly visit: Visit; readonly rules: readonly Rule[] } {
  const set = makeRules();
  const made = rules.map((rule) => set.add(rule));
  return { visit: new Visit(makeContext(), set), rules: made };
}

const answerOf = (request: string, ...rules: readonly object[]) => visitUnder(...rules).visit.say(request);
const bodyOf = (request: string, ...rules: readonly object[]) => contentOf(answerOf(request, ...rules));

const POST = requestText("POST /post", ["Content-Length: 5"], "hello");
const CHUNKED = requestText("POST /post", ["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
const EXPECTING = requestText("POST /post", ["Content-Length: 5", "Expect: 100-continue"], "hello");
const EXPECTING_NOTHING = requestText("POST /post", ["Content-Length: 5", "Expect: 100-continue"]);

describe("the rules are asked about a request exactly once:", () => {
  const requests: readonly (readonly [what: string, octets: string])[] = [
    ["a file", NEXT],
    ["a head alone", requestText(`HEAD ${FILE}`)],
    ["a missing page", requestText("GET /nowhere")],
    ["one with content", POST],
    ["one with chunks", CHUNKED],
    ["one that waits for 100 Continue", EXPECTING],
    [
      "one that waits, in vain, for what is refused",
      requestText("PUT /a/b", ["Content-Length: 5", "Expect: 100-continue"]),
    ],
    ["another expectation", requestText("POST /post", ["Content-Length: 5", "Expect: more"])],
    ["no method that anybody knows", requestText("FROB /")],
    ["no HTTP", "\u0016\u0003\u0001\u0002\r\n"],
    ["no version", "GET / FTP/1.1\r\n"],
    ["no Host", "GET / HTTP/1.1\r\n\r\n"],
    ["a malformed field", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"],
    ["two lengths", requestText("POST /post", ["Content-Length: 5", "Content-Length: 6"])],
    ["too long a line", `GET /${"x".repeat(9000)}`],
    ["a bad chunk", requestText("POST /post", ["Transfer-Encoding: chunked"], "xyz\r\n")],
    [
      "a bad chunk behind 100 Continue",
      requestText("POST /post", ["Transfer-Encoding: chunked", "Expect: 100-continue"], "xyz\r\n"),
    ],
    ["too much content", requestText("POST /post", ["Content-Length: 99999999"])],
    ["CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"],
    ["OPTIONS *", requestText("OPTIONS *")],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ];
  const consequences: readonly (readonly [what: string, rule: object])[] = [
    ["answered", { reply: 200 }],
    ["refused", { reply: 403 }],
    ["answered as always, but changed", { reply: { own: true, headers: { "X-Rule": "1" } } }],
    ["answered as always, but late", { fault: { delay: 5 } }],
    ["not answered", { fault: "silence" }],
    ["seen, and let go", { reply: 200, every: 100 }],
  ];

  describe.each(consequences)("%s", (_, consequence) => {
    it.each(requests)("%s", (_what, octets) => {
      const answers = new Set<string>();
      for (const pieces of [[octets], [...octets]]) {
        const { visit, rules } = visitUnder({ ...consequence, when: { method: { not: "NONE" } } });
        visit.say(...pieces);
        visit.driver.tell({ type: "end" });
        const isUsed = !("every" in consequence);
        expect(rules.map(({ count }) => count)).toEqual([isUsed ? 1 : 0]);
        // verify() knows a request again by its object.
        expect(visit.exchanges).toHaveLength(1);
        if (isUsed) expect(visit.exchanges[0]?.request).toBe(rules[0]?.seen[0]);
        answers.add(visit.answered);
      }
      expect(answers.size).toBe(1);
    });
  });

  it("counts a match that is let go once, for the one after it", () => {
    const { visit } = visitUnder({ reply: 503, every: 2 });
    visit.say(EXPECTING, NEXT, EXPECTING, NEXT);
    const turn = ["100 Continue", "200 OK", "503 Service Unavailable"];
    expect(visit.statuses).toEqual([...turn, ...turn]);
  });
});

describe("a request that waits for 100 Continue", () => {
  it.each<[string, object, readonly string[], boolean]>([
    ["a rule that refuses it", { reply: 417 }, ["417 Expectation Failed"], true],
    [
      "a rule that redirects it",
      { reply: { status: 307, headers: { Location: "/" } } },
      ["307 Temporary Redirect"],
      true,
    ],
    ["a rule that takes it", { reply: 201 }, ["100 Continue"], false],
    ["a rule about the own answer", { reply: { own: true } }, ["100 Continue"], false],
    ["a rule about a refusal of its own", { reply: { own: "/status/403" } }, ["403 Forbidden"], true],
    ["a rule that shapes the answer", { fault: { delay: 5 } }, ["100 Continue"], false],
    ["a rule that says nothing", { fault: "silence" }, [], false],
    ["a rule without 100 Continue", { reply: { status: 403, continue: false } }, [], false],
    ["a rule about its content", { when: { body: { contains: "hell" } }, reply: 403 }, ["100 Continue"], false],
    ["a rule about others", { when: { path: "/others" }, reply: 403 }, ["100 Continue"], false],
  ])("under %s", (_, rule, statuses, isClosed) => {
    const { visit } = visitUnder(rule);
    visit.say(EXPECTING_NOTHING);
    expect(visit.statuses).toEqual(statuses);
    expect(visit.isClosed).toBe(isClosed);
  });

  it.each<[string, object, readonly string[]]>([
    ["taken by a rule, is answered by it", { reply: 201 }, ["100 Continue", "201 Created"]],
    ["not told to go on, is answered all the same", { reply: { status: 403, continue: false } }, ["403 Forbidden"]],
    [
      "of no interest until it is whole, is answered then",
      { when: { body: "hello" }, reply: 403 },
      ["100 Continue", "403 Forbidden"],
    ],
    ["of no interest, is answered as always", { when: { body: "other" }, reply: 403 }, ["100 Continue", "200 OK"]],
  ])("%s, and the next one is served", (_, rule, statuses) => {
    const { visit } = visitUnder({ when: { method: "POST" }, ...rule });
    visit.say(EXPECTING_NOTHING, "hel", "lo", NEXT);
    expect(visit.statuses).toEqual([...statuses, "200 OK"]);
  });

  it("is seen with its content by the rule that was asked before that had come", () => {
    const { visit, rules } = visitUnder({ reply: 201 });
    visit.say(EXPECTING);
    expect(rules[0]?.seen[0]?.body).toEqual(Buffer.from("hello"));
  });
});

describe("a rule's reply", () => {
  it("says it all in octets", () => {
    expect(
      answerOf(NEXT, {
        reply: { status: 201, reason: "Made", headers: { "X-A": [1, "2"], "x-b": "3" }, json: { a: [1] } },
      }),
    ).toBe(
      "HTTP/1.1 201 Made\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: Portwright\r\n" +
        "Content-Type: application/json; charset=utf-8\r\nX-A: 1\r\nX-A: 2\r\nx-b: 3\r\nContent-Length: 9\r\n\r\n" +
        '{"a":[1]}',
    );
  });

  it.each<[unknown, string, string]>([
    [204, "204 No Content", ""],
    ["caf\u00e9", "200 OK", "caf\u00c3\u00a9"],
    [Uint8Array.of(0xe9), "200 OK", "\u00e9"],
    [{}, "200 OK", ""],
    [{ json: null }, "200 OK", "null"],
    [{ status: 404, body: "gone" }, "404 Not Found", "gone"],
    [{ body: "hello", chunked: [1, 3] }, "200 OK", "1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n"],
    [{ body: "hello", chunked: 4 }, "200 OK", "4\r\nhell\r\n1\r\no\r\n0\r\n\r\n"],
    [{ chunked: true, trailers: { "X-A": ["1", "2"] } }, "200 OK", "0\r\nX-A: 1\r\nX-A: 2\r\n\r\n"],
    [{ own: true }, "200 OK", HELLO],
    [{ own: "/base64/aGk=?x" }, "200 OK", "hi"],
    [{ own: true, status: 500 }, "500 Internal Server Error", HELLO],
    [{ own: true, body: "mine" }, "200 OK", "mine"],
  ])("%j", (reply, status, body) => {
    const { visit } = visitUnder({ reply });
    const answered = visit.say(NEXT);
    expect(visit.statuses).toEqual([status]);
    expect(contentOf(answered)).toBe(body);
    expect(visit.exchanges[0]?.reply).toMatchObject({ status: Number(status.slice(0, 3)) });
  });

  it.each([401, 405, 407, 426])("%i has the field that it must have, unless left out", (status) => {
    const name = { 401: "WWW-Authenticate", 405: "Allow", 407: "Proxy-Authenticate", 426: "Upgrade" }[status] ?? "";
    expect(answerOf(NEXT, { reply: status })).toContain(`\r\n${name}: `);
    expect(answerOf(NEXT, { reply: { status, headers: { [name]: false } } })).not.toContain(`\r\n${name}: `);
    expect(answerOf(NEXT, { reply: { status, headers: { [name.toLowerCase()]: "x" } } })).toContain(
      `\r\n${name.toLowerCase()}: x\r\n`,
    );
  });

  it("has no body for HEAD, 204 and 304, and no chunks for HTTP/1.0", () => {
    expect(bodyOf(requestText(`HEAD ${FILE}`), { reply: "hello" })).toBe("");
    expect(bodyOf(NEXT, { reply: { status: 304, body: "hello" } })).toBe("");
    expect(bodyOf("GET / HTTP/1.0\r\n\r\n", { reply: { body: "hello", chunked: 2 } })).toBe("hello");
  });

  it.each([
    [{ body: "hello", contentLength: 100 }, true],
    [{ body: "hello", contentLength: 100, close: false }, false],
    [{ body: "hello", contentLength: 3 }, false],
    [{ own: true, contentLength: 100 }, true],
    [{ own: true, contentLength: 25 }, false],
    [{ own: true, headers: { "content-length": "26" } }, true],
    [{ raw: "x" }, true],
    [{ body: "hello", close: true }, true],
    [{ own: true, close: true }, true],
  ])("closes where its end could not be told otherwise: %j: %s", (reply, isClosed) => {
    const { visit } = visitUnder({ reply });
    visit.say(NEXT);
    expect(visit.isClosed).toBe(isClosed);
  });

  it("is of one request, and never of those that come after it", () => {
    const { visit } = visitUnder({ when: { path: FILE }, reply: ["one", "two"] });
    visit.say(NEXT + NEXT + NEXT, NEXT);
    expect([...visit.answered.matchAll(/\r\n\r\n(one|two|Hello)/g)].map(([, body]) => body)).toEqual([
      "one",
      "two",
      "Hello",
      "Hello",
    ]);
  });

  it("has nothing carried out, unless it is about the own answer", () => {
    const put = requestText("PUT /incoming/a.txt", ["Content-Length: 1"], "a");
    for (const [reply, isStored] of [
      [201, false],
      [{ own: true }, true],
      [{ own: true, status: 500 }, true],
    ]) {
      const context = makeContext();
      const rules = makeRules();
      rules.add({ when: { method: "put" }, reply });
      new Visit(context, rules).say(put);
      expect(context.world.tree.read("/incoming/a.txt") !== undefined, JSON.stringify(reply)).toBe(isStored);
    }
  });

  it("is found by headers in any case, by query, by content", () => {
    const request = requestText(
      "POST /post?a=1&a=2",
      ["Content-Type: application/json", "Content-Length: 14"],
      '{"sku":"A1234"}',
    );
    for (const when of [
      { headers: { "Content-Type": "application/*" } },
      { query: { a: "2" } },
      { body: { json: { sku: "A123" } } },
      { method: "post", path: "/p*", ordinal: 1, version: "1.1", host: "example.test", secure: false },
    ]) {
      expect(answerOf(request.replace("A1234", "A123"), { when, reply: 409 }), JSON.stringify(when)).toMatch(
        /^HTTP\/1.1 409 /,
      );
    }
    expect(answerOf(request.replace("A1234", "A123"), { when: { headers: { "x-none": "1" } }, reply: 409 })).toMatch(
      /^HTTP\/1.1 200 /,
    );
  });
});

describe("where a request is malformed", () => {
  const BAD = "GET / HTTP/1.1\r\nHost : x\r\n\r\n";

  it("a rule's reply is the last one", () => {
    const { visit } = visitUnder({ reply: 200 });
    visit.say(BAD + NEXT);
    expect(visit.statuses).toEqual(["200 OK"]);
    expect(visit.isClosed).toBe(true);
  });

  it("a rule that keeps the response back leaves the connection open, and nothing more is read", () => {
    const { visit } = visitUnder({ when: { method: "GET" }, fault: "silence", times: 1 });
    visit.say(BAD, NEXT, NEXT);
    expect(visit.answered).toBe("");
    expect(visit.isClosed).toBe(false);
    expect(visit.exchanges).toHaveLength(1);
    visit.driver.tell({ type: "end" });
    expect(visit.isClosed).toBe(true);
  });
});

describe("a reply that cannot be", () => {
  it.each<[unknown, string]>([
    [1000, "http.stub.reply: expected"],
    [{ status: 1000 }, "http.stub.reply.status: expected at most 999"],
    [{ status: "200" }, "http.stub.reply.status: expected"],
    [{ sttus: 200 }, 'http.stub.reply.sttus: unknown key, did you mean "status"?'],
    [{ headers: { "a b": "1" } }, "http.stub.reply.headers"],
    [{ headers: { a: "1\r\nb: 2" } }, "http.stub.reply.headers.a: expected a field value"],
    [{ headers: { a: "\u20ac" } }, "http.stub.reply.headers.a: expected a field value"],
    [{ reason: "a\nb" }, "http.stub.reply.reason: expected a phrase on one line"],
    [{ body: 5 }, "http.stub.reply.body: expected a text or octets"],
    [{ body: "a", json: 1 }, "http.stub.reply.json: expected nothing, because there is body"],
    [{ raw: "x", status: 200 }, "http.stub.reply.status: expected nothing, because there is raw"],
    [{ head: false, headers: {} }, "http.stub.reply.headers: expected nothing, because there is head"],
    [{ json: () => 1 }, "http.stub.reply.json: expected what JSON can say"],
    [{ json: [1n] }, "http.stub.reply.json: expected what JSON can say"],
    [{ own: "pub" }, "http.stub.reply.own: expected"],
    [{ own: "/%zz" }, "http.stub.reply.own: expected"],
    [{ own: false }, "http.stub.reply.own: expected"],
    [{ chunked: 0 }, "http.stub.reply.chunked: expected"],
    [{ chunked: false, lastChunk: false }, "http.stub.reply"],
    [{ pause: "soon" }, "http.stub.reply.pause: expected milliseconds"],
    [{ coding: "br" }, "http.stub.reply.coding: expected"],
    [{ interim: 200 }, "http.stub.reply.interim"],
    [{ continue: true }, "http.stub.reply.continue: expected false"],
    [{ manyHeaders: 1e9 }, "http.stub.reply.manyHeaders: expected at most 100000"],
    [{ contentLength: {} }, "http.stub.reply.contentLength"],
    [true, "http.stub.reply: expected"],
  ])("%o: %s", (reply, message) => {
    expect(() => makeRules().add({ reply })).toThrow(PortwrightError);
    expect(() => makeRules().add({ reply })).toThrow(message);
  });
});

describe("triggers", () => {
  const HEAD = "HTTP/1.1 200 OK";

  /** What the machine answers, and what is laid upon it. */
  function asked(target: string): { readonly answered: string; readonly faults: unknown } {
    const rules = makeRules({ triggers: true });
    const visit = new Visit(makeContext(), rules);
    const ruling = rules.forSession(PEER, () => undefined).ask({ target });
    return { answered: visit.say(requestText(`GET ${target}`)), faults: ruling?.faults.map(({ effects }) => effects) };
  }

  it.each<[target: string, answered: string, body: string | undefined, faults: unknown]>([
    ["/delay/1/pub/hello.txt", HEAD, HELLO, [{ delayMs: 1000 }]],
    ["/delay/1.5/delay/200ms/pub/hello.txt", HEAD, HELLO, [{ delayMs: 1700 }]],
    ["/delay/1", HEAD, undefined, [{ delayMs: 1000 }]],
    ["/delay/1/", HEAD, undefined, [{ delayMs: 1000 }]],
    ["/delay/1/status/503", "HTTP/1.1 503 ", "", [{ delayMs: 1000 }]],
    ["/delay/1/base64/aGk=", HEAD, "hi", [{ delayMs: 1000 }]],
    ["/delay/1/nowhere", "HTTP/1.1 404 ", undefined, [{ delayMs: 1000 }]],
    ["/delay/2/fault/reset", "", "", [{ delayMs: 2000, cut: { after: 0, how: "reset" } }]],
    ["/fault/reset", "", "", [{ cut: { after: 0, how: "reset" } }]],
    ["/fault/reset/100/pub/hello.txt", HEAD, HELLO, [{ cut: { after: 100, how: "reset" } }]],
    ["/fault/close", "", "", [{ cut: { after: 0, how: "end" } }]],
    ["/fault/stall", "", "", [{ stall: { after: 0 } }]],
    ["/fault/silence", "", "", [{ truncate: 0 }]],
    ["/fault/truncate/pub/hello.txt", HEAD, HELLO, [{ truncate: -1 }]],
    ["/fault/half-close/pub/hello.txt", HEAD, HELLO, [{ halfClose: { after: 0 } }]],
    ["/fault/stop-reading/pub/hello.txt", HEAD, HELLO, [{}]],
    ["/fault/corrupt/3/pub/hello.txt", HEAD, HELLO, [{ corrupt: { after: 3, octets: 1, mask: 255 } }]],
    ["/slow/100/pub/hello.txt", HEAD, HELLO, [{ bandwidth: 100 }]],
    ["/drip/1/50ms/pub/hello.txt", HEAD, HELLO, [{ slice: { octets: 1, everyMs: 50 } }]],
    ["/status/503", "HTTP/1.1 503 ", "", []],
    ["/status/503/pub/hello.txt", "HTTP/1.1 503 ", HELLO, []],
    ["/fault/bad-status-line/pub/hello.txt", "HTTP/1.1 abc\r\n", HELLO, []],
    ["/fault/http-0.9/pub/hello.txt", HELLO, undefined, []],
    ["/fault/garbage", "\0\u0001garbage", undefined, []],
    ["/fault/redirect-loop?a=1", "HTTP/1.1 302 ", "", []],
    ["http://h/fault/no-last-chunk/pub/hello.txt", HEAD, `19\r\n${HELLO}\r\n`, []],
  ])("%s", (target, answered, body, faults) => {
    const outcome = asked(target);
    if (answered === "") expect(outcome.answered).toBe("");
    else expect(outcome.answered.startsWith(answered), outcome.answered).toBe(true);
    if (body !== undefined) expect(outcome.answered === "" ? "" : contentOf(outcome.answered)).toBe(body);
    expect(outcome.faults).toEqual(faults);
  });

  it.each([
    "/",
    "/fault",
    "/fault/rest",
    "/fault/constructor",
    "/delay/x/y",
    "/delay",
    "/status/2000",
    "/status/200,500",
    "/drip?numbytes=1",
    "/slow/0/x",
    "/pub/delay/1/x",
  ])("%s is none", (target) => {
    expect(asked(target).faults).toBeUndefined();
  });

  it("are looked at only where they are switched on", () => {
    const visit = new Visit(makeContext(), makeRules());
    expect(visit.say(requestText("GET /fault/reset"))).toMatch(/^HTTP\/1.1 404 /);
  });

  it("come behind rules", () => {
    const rules = makeRules({ triggers: true });
    rules.add({ when: { path: "/fault/reset" }, reply: 200 });
    expect(new Visit(makeContext(), rules).say(requestText("GET /fault/reset"))).toMatch(/^HTTP\/1.1 200 /);
  });

  it("mean something that can be, or nothing, whatever is chained", () => {
    const words = [
      "delay",
      "slow",
      "drip",
      "status",
      "fault",
      "reset",
      "close",
      "stall",
      "silence",
      "half-close",
      "truncate",
      "corrupt",
      "garbage",
      "http-0.9",
      "no-colon",
      "bad-chunk",
      "no-location",
      "redirect-loop",
      "1",
      "503",
      "99999999999",
      "1ms",
      "",
      "%",
      "%zz",
      "..",
      "a?b",
    ];
    const path = fc.array(fc.constantFrom(...words), { maxLength: 9 }).map((segments) => `/${segments.join("/")}`);
    fc.assert(
      fc.property(path, (target) => {
        const visit = new Visit(makeContext(), makeRules({ triggers: true }));
        visit.say(requestText(`GET ${target}`));
        visit.driver.settle();
        expect(visit.exchanges).toHaveLength(1);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

const PEER = { transport: "tcp", peer: { address: "127.0.0.1", port: 40_000 } } as const satisfies Parameters<
  RuleSet["forSession"]
>[0];
