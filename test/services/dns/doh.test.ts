import { Agent, request } from "node:https";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decode } from "../../../services/dns/message.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { toLatin1 } from "../../../src/wire/bytes.ts";
import { print, query } from "./world.ts";

type DohHarness = RunningHarness<readonly ["dns", "https", "http"]>;

const TYPE = "application/dns-message";
const WWW = "www.example.test A id=0";

let harness: DohHarness;
let agent: Agent;

beforeAll(async () => {
  harness = await start({ services: ["dns", "https", "http"], host: "127.0.0.1", triggers: true });
  agent = new Agent({ keepAlive: true, ca: harness.ca.pem });
});
beforeEach(async () => {
  await harness.reset();
});
afterAll(async () => {
  agent.destroy();
  await harness.stop();
});

interface Fetched {
  readonly status: number | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: Uint8Array;
}

interface Sent {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Uint8Array;
  readonly agent?: Agent | false;
}

const base64Url = (octets: Uint8Array) => Buffer.from(octets).toString("base64url");
const pathOf = (question: string) => `/dns-query?dns=${base64Url(query(question))}`;

function fetched(path: string, { method = "GET", headers = {}, body, ...more }: Sent = {}): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const { port } = harness.https;
    const options = { host: "127.0.0.1", port, path, method, headers, agent, ca: harness.ca.pem, ...more };
    const sent = request(options, (response) => {
      const pieces: Uint8Array[] = [];
      response.on("data", (bytes: Uint8Array) => pieces.push(bytes));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const posted = (body: Uint8Array, type = TYPE) =>
  fetched("/dns-query", { method: "POST", headers: { "content-type": type }, body });

/** The first line of the answer, or the error's code. */
async function asked(question: string): Promise<string | undefined> {
  try {
    const { status, body } = await fetched(pathOf(question), { agent: false });
    return status === 200 ? /^\w+/.exec(print(body))?.[0] : String(status);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe("a DNS query inside HTTPS", () => {
  it.each<[way: string, fetch: () => Promise<Fetched>]>([
    ["GET", () => fetched(pathOf(WWW))],
    ["POST", () => posted(query(WWW))],
    ["POST with a parameter", () => posted(query(WWW), "Application/DNS-Message; x=y")],
  ])("by %s is answered as over TCP", async (_, fetch) => {
    const { status, headers, body } = await fetch();
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([200, TYPE, "max-age=3600"]);
    expect(print(body)).toMatch(/^NOERROR aa rd id=0\n[\s\S]*answer web\.example\.test\. 3600 IN A 127\.0\.0\.1/);
  });

  it("by HEAD has no content, and the same head", async () => {
    const { status, headers, body } = await fetched(pathOf(WWW), { method: "HEAD" });
    expect([status, headers["cache-control"], body.length]).toEqual([200, "max-age=3600", 0]);
    expect(headers["content-length"]).toBe(String((await fetched(pathOf(WWW))).body.length));
  });

  it("is never too long for its answer", async () => {
    expect(print((await posted(query("long.example.test TXT"))).body)).toMatch(/^NOERROR aa rd/);
  });

  it.each([
    ["brief.example.test A", "max-age=0"],
    ["nobody.example.test A", "max-age=300"],
    ["v4only.example.test AAAA", "max-age=300"],
    ["x.child.example.test A", "max-age=0"],
    ["elsewhere.test A", "max-age=0"],
    ["2.0.192.in-addr.arpa AXFR", "max-age=0"],
    ["five.test A", "max-age=5"],
    ["minimum.test A", "max-age=7"],
    ["most.test A", "max-age=0"],
    ["bad.test A", "max-age=0"],
  ])("for %s may be kept for %s", async (question, wanted) => {
    harness.dns.stub({
      when: { name: "five.test" },
      reply: { answers: ["@ 9 IN A 192.0.2.1", "@ 5 IN A 192.0.2.2"] },
    });
    harness.dns.stub({
      when: { name: "minimum.test" },
      reply: { rcode: "NXDOMAIN", authority: "test. 900 IN SOA a.test. b.test. 1 2 3 4 7" },
    });
    harness.dns.stub({ when: { name: "most.test" }, reply: { answers: "A 192.0.2.1", ttl: 2 ** 31 } });
    harness.dns.stub({ when: { name: "bad.test" }, reply: { answers: "A 192.0.2.1", cut: 1 } });
    expect((await fetched(pathOf(question))).headers["cache-control"]).toBe(wanted);
  });

  it.each<[what: string, path: string, sent: Sent, status: number, headers: object]>([
    ["no query", "/dns-query", {}, 400, {}],
    ["an empty one", "/dns-query?dns=", {}, 400, {}],
    ["two", `${pathOf(WWW)}&dns=AAAA`, {}, 400, {}],
    ["padding", "/dns-query?dns=AAAAAAA=", {}, 400, {}],
    ["base64 of the other kind", "/dns-query?dns=AA%2BA", {}, 400, {}],
    ["base64url that cannot be", "/dns-query?dns=AAAAA", {}, 400, {}],
    ["too few octets for a header", "/dns-query?dns=AAAA", {}, 400, {}],
    [
      "a response",
      `/dns-query?dns=${base64Url(query("hex:000081000001000000000000046563686f0000010001"))}`,
      {},
      400,
      {},
    ],
    ["PUT", "/dns-query", { method: "PUT" }, 405, { allow: "GET, HEAD, POST, OPTIONS, TRACE" }],
    ["DELETE", "/dns-query", { method: "DELETE" }, 405, { allow: "GET, HEAD, POST, OPTIONS, TRACE" }],
    ["OPTIONS", "/dns-query", { method: "OPTIONS" }, 204, { allow: "GET, HEAD, POST, OPTIONS, TRACE" }],
    ["another path", "/dns-query/", {}, 404, {}],
    ["POST without a type", "/dns-query", { method: "POST", body: query(WWW) }, 415, { accept: TYPE }],
    [
      "POST of another type",
      "/dns-query",
      { method: "POST", headers: { "content-type": "application/dns-json" }, body: query(WWW) },
      415,
      { accept: TYPE },
    ],
    [
      "POST of more than a message can have",
      "/dns-query",
      { method: "POST", headers: { "content-type": TYPE }, body: new Uint8Array(65_536) },
      413,
      {},
    ],
    [
      "POST of nothing",
      "/dns-query",
      { method: "POST", headers: { "content-type": TYPE, "content-length": "0" } },
      400,
      {},
    ],
  ])("cannot be %s", async (_, path, sent, status, headers) => {
    const answer = await fetched(path, sent);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(headers);
    expect(harness.dns.exchanges()).toEqual([]);
  });

  it.each([
    // RFC 7830: it is encrypted.
    ["padded if it wants to be", "+option=12:0000", 468],
    // RFC 7828: the connection is HTTP's.
    ["not told how long DNS over TCP would wait", "+option=11:", 79],
  ])("is %s", async (_, option, octets) => {
    expect((await posted(query(`www.example.test A +edns=1232 ${option}`))).body).toHaveLength(octets);
  });

  it("is refused before its content comes, if that is of another type", async () => {
    const headers = { "content-type": "text/plain", expect: "100-continue", "content-length": "9" };
    expect((await fetched("/dns-query", { method: "POST", headers, agent: false })).status).toBe(415);
  });

  it("is none without TLS, and none where there is no DNS", async () => {
    const { status } = await fetch(`${harness.http.url}${pathOf(WWW)}`);
    expect(status).toBe(404);
    await using alone = await start({ services: ["https"], host: "127.0.0.1" });
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const options = { host: "127.0.0.1", port: alone.https.port, path: pathOf(WWW), ca: alone.ca.pem, agent: false };
      request(options as never, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(answer).toBe(404);
  });

  it("gives way to a file, as everything does", async () => {
    harness.world.tree.write("/dns-query", new TextEncoder().encode("a file"), 0);
    expect(Buffer.from((await fetched(pathOf(WWW))).body).toString()).toBe("a file");
  });

  it("whatever it is, is answered by a message or with 400", async () => {
    const mutated = fc.tuple(fc.nat(40), fc.nat(255)).map(([at, octet]) => {
      const octets = Uint8Array.from(query("www.example.test A +edns=1232"));
      octets[at % octets.length] = octet;
      return octets;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated), async (octets) => {
        const { status, body } = await posted(octets);
        expect(status === 400 || (status === 200 && decode(body)?.message.response === true)).toBe(true);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(harness.journal.find({ event: "crash" })).toEqual([]);
  });
});

describe("the journal has a DNS query inside HTTPS", () => {
  it("as one exchange of https, and one of dns that says what it came over, in one session", async () => {
    await fetched(pathOf(WWW));
    const [inner, ...more] = harness.dns.exchanges();
    const [outer, ...others] = harness.https.exchanges();
    expect([more, others]).toEqual([[], []]);
    expect(inner?.request).toMatchObject({ name: "www.example.test", type: "A", transport: "https" });
    expect(inner?.reply).toMatchObject({ rcode: "NOERROR", authoritative: true });
    expect(outer?.reply).toMatchObject({ status: 200 });
    expect(inner?.session).toEqual({ ...outer?.session, service: "dns", name: "dns" });
    const all = harness.journal.sessions({ session: outer?.session.id ?? -1 });
    expect(all).toMatchObject([{ service: "https", requests: 1 }]);
  });

  it("and every way to write it down is content with that", async () => {
    await fetched(pathOf(WWW));
    const { log } = JSON.parse(harness.export("har")) as { log: { entries: { request: { url: string } }[] } };
    expect(log.entries.map(({ request: { url } }) => new URL(url).pathname)).toEqual(["/dns-query"]);
    expect(harness.export("dialogue").match(/^# /gm)).toHaveLength(1);
    expect(toLatin1(harness.export("pcapng"))).toContain("GET /dns-query?dns=");
    expect(harness.export("jsonl")).toContain('"transport":"https"');
  });
});

type Rule = Parameters<DohHarness["dns"]["stub"]>[0];

describe("rules of dns", () => {
  it.each<[rule: Rule, seen: string]>([
    [{ when: { transport: "https" }, reply: "SERVFAIL" }, "SERVFAIL"],
    [{ when: { transport: ["udp", "https"] }, reply: "SERVFAIL" }, "SERVFAIL"],
    [{ when: { name: "www.example.test" }, reply: "NOTIMP" }, "NOTIMP"],
    [{ when: { name: "www.example.test" }, fault: "reset" }, "ECONNRESET"],
    [{ when: { name: "www.example.test" }, fault: "close" }, "ECONNRESET"],
    [{ when: { name: "www.example.test", phase: "mid-stream", at: 200 }, fault: "reset" }, "ECONNRESET"],
    [{ when: { name: "www.example.test" }, fault: { raw: "garbage" } }, "HPE_INVALID_CONSTANT"],
    [{ when: { name: "www.example.test" }, fault: { delay: "20ms" } }, "NOERROR"],
    [{ when: { name: "www.example.test" }, reply: "REFUSED", fault: { slice: 10 } }, "REFUSED"],
  ])("are about queries inside HTTPS too: %j", async (rule, seen) => {
    const made = harness.dns.stub(rule);
    expect(await asked(WWW)).toBe(seen);
    expect(made.count).toBe(1);
    expect(harness.journal.find({ event: "rule" })).toMatchObject([{ session: { name: "dns" } }]);
  });

  it.each<[rule: Rule]>([
    [{ when: { transport: "tcp" }, reply: "SERVFAIL" }],
    [{ when: { transport: "udp" }, reply: "SERVFAIL" }],
    [{ when: { transport: "https", peer: "192.0.2.1" }, reply: "SERVFAIL" }],
    [{ when: { phase: "connect" }, fault: "reset" }],
  ])("but not %j", async (rule) => {
    const made = harness.dns.stub(rule);
    expect(await asked(WWW)).toBe("NOERROR");
    expect(made.count).toBe(0);
  });

  it("take the response away, and the connection goes on", async () => {
    harness.dns.stub({ when: { name: "www.example.test" }, fault: "silence", times: 1 });
    const lost = fetched(pathOf(WWW), { agent: false });
    lost.catch(() => undefined); // it is never answered: the harness stops under it
    expect((await harness.dns.waitFor({ name: "www.example.test" })).reply).toEqual({});
    expect((await harness.https.waitFor({ path: "/dns-query" })).reply).toEqual({});
    expect(await asked(WWW)).toBe("NOERROR");
  });

  it("hold it back until the test lets it go", async () => {
    const rule = harness.dns.stub({ when: { name: "www.example.test" }, hold: true });
    const answer = asked(WWW);
    await harness.https.waitFor({ path: "/dns-query" });
    expect(rule.holding).toBe(1);
    rule.release();
    expect(await answer).toBe("NOERROR");
  });

  it("break the message, and not what is around it", async () => {
    harness.dns.stub({ when: { name: "www.example.test" }, reply: { badName: "loop" } });
    const { status, body } = await fetched(pathOf(WWW));
    expect([status, decode(body)?.problem]).toEqual([200, "a compression pointer does not point backwards"]);
  });

  it("are what verify asks for", async () => {
    const never = harness.dns.stub({ when: { transport: "https", name: "never.test" }, reply: "REFUSED" });
    expect(() => harness.verify()).toThrow(/dns: rule 1 .*was never used/);
    never.remove();
    harness.dns.stub({ when: { transport: "https" }, reply: "REFUSED" });
    expect(await asked(WWW)).toBe("REFUSED");
    expect(() => harness.verify()).not.toThrow();
    await harness.reset();
    expect(await asked("elsewhere.test A")).toBe("REFUSED");
    expect(() => harness.verify()).toThrow(/^dns: .*elsewhere\.test/m);
  });

  it.each([
    ["servfail.fault.test A", "SERVFAIL"],
    ["reset.fault.test A", "ECONNRESET"],
    ["duplicate.fault.test A", "NOERROR"],
  ])("need not be made where a trigger is asked for: %s", async (question, seen) => {
    expect(await asked(question)).toBe(seen);
  });
});

describe("rules of https", () => {
  it("come first, and then nobody asks for names", async () => {
    harness.https.stub({ when: { path: "/dns-query" }, reply: 503 });
    const rule = harness.dns.stub({ reply: "SERVFAIL" });
    expect(await asked(WWW)).toBe("503");
    expect([rule.count, harness.dns.exchanges()]).toEqual([0, []]);
  });

  it.each<[reply: Parameters<DohHarness["https"]["stub"]>[0]["reply"], fault: Rule["fault"], seen: string]>([
    [{ own: true, headers: { "content-type": "text/plain" } }, undefined, "NOERROR"],
    [{ own: true, status: 500 }, undefined, "500"],
    [{ own: true, headers: { "x-more": "1" } }, "reset", "ECONNRESET"],
    [{ own: true, headers: { "x-more": "1" } }, { delay: "10ms" }, "NOERROR"],
  ])("change what is around the answer: %j, and %j of dns", async (reply, fault, seen) => {
    harness.https.stub({ when: { path: "/dns-query" }, ...(reply ? { reply } : {}), fault: { delay: "5ms" } });
    if (fault) harness.dns.stub({ when: { transport: "https" }, fault });
    expect(await asked(WWW)).toBe(seen);
    expect(harness.dns.exchanges()).toHaveLength(1);
  });
});
