import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { dns } from "../../../services/dns/index.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { concat } from "../../../src/wire/bytes.ts";
import { check, SECRET, type Signature, sign } from "./tsig-client.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const KEYS = { keys: { "Test-Key": SECRET } };
const NOW_MS = 1_700_000_000_500;
const AT = 1_700_000_000;
const WWW = "www.example.test A";
const ADD = "example.test SOA opcode=UPDATE | update new.example.test. 60 IN A 192.0.2.9";
const AFAR = { address: "192.0.2.1", port: 40_000 };

/** Signs a query and asks it over UDP. */
function ask(text: string, signature: Signature = {}, { peer = PEER, options = {} } = {}) {
  const { octets, mac } = sign(query(text), { at: AT, ...signature });
  const responder = new DnsResponder(contextOf({ ...KEYS, ...options }));
  const answer = responder.respond(octets, peer, NOW_MS) as Uint8Array;
  return { octets, answer, text: print(answer), mac };
}

describe("a query that is signed", () => {
  it.each([WWW, "long.example.test TXT", "long.example.test TXT +edns=1232", "nobody.example.test A", ADD])(
    "is answered signed: %s",
    (text) => {
      const { answer, mac } = ask(text);
      expect(check(answer, mac)).toMatchObject({ error: 0, isRight: true });
      expect(answer.length).toBeLessThanOrEqual(text.includes("edns") ? 1232 : 512);
    },
  );

  it("by a key whose name is in another case is answered in that case", () => {
    const { answer, mac } = ask(WWW, { key: "TEST-key" });
    expect(check(answer, mac, { key: "TEST-key" })).toMatchObject({ error: 0, isRight: true });
  });

  it("and has come with another ID than it was signed with is known by that one (RFC 8945 section 5.1)", () => {
    const { octets, mac } = sign(query(`${WWW} id=1`), { at: AT });
    octets[1] = 9;
    const answer = new DnsResponder(contextOf(KEYS)).respond(octets, PEER, NOW_MS) as Uint8Array;
    expect(check(answer, mac)).toMatchObject({ error: 0, isRight: true });
    expect(answer[1]).toBe(9);
  });

  it.each([
    ["by a key that is not known: BADKEY", { key: "other-key" }, 17, false],
    ["with an algorithm that is not known: BADKEY", { algorithm: "hmac-sha512" }, 17, false],
    ["with another secret: BADSIG", { secret: "b3RoZXI=" }, 16, false],
    ["too early: BADTIME", { at: AT - 301 }, 18, true],
    ["too late: BADTIME", { at: AT + 301 }, 18, true],
    ["with half a code: BADTRUNC", { macOctets: 16 }, 22, true],
  ])("%s", (_, signature: Signature, error, isSigned) => {
    const { answer, mac, text } = ask(WWW, signature);
    expect(text).toMatch(/^NOTAUTH rd id=1\n/);
    const seen = check(answer, mac, signature);
    expect(seen).toMatchObject({ error, isRight: isSigned });
    // RFC 8945 section 5.3.2: what cannot be signed has no code.
    expect(seen.mac).toHaveLength(isSigned ? 32 : 0);
    // Section 5.2.3: the server's time.
    expect(seen.other).toBe(error === 18 ? `0000${AT.toString(16)}` : "");
  });

  it.each([[-300], [300]])("%i seconds off is taken", (seconds) => {
    const { answer, mac } = ask(WWW, { at: AT + seconds });
    expect(check(answer, mac)).toMatchObject({ error: 0, isRight: true });
  });

  it("with a code shorter than any may be, two records, or one that is not the last, is FORMERR", () => {
    expect(ask(WWW, { macOctets: 15 }).text).toBe("FORMERR rd id=1\nquestion www.example.test. IN A");
    const twice = sign(sign(query(WWW), { at: AT }).octets, { at: AT, key: "unknown" }).octets;
    const responder = new DnsResponder(contextOf(KEYS));
    expect(print(responder.respond(twice, PEER, NOW_MS))).toMatch(/^FORMERR/);
    const { octets } = sign(query(WWW), { at: AT });
    const opt = Buffer.from("0000290200000000000000", "hex");
    const behind = concat([octets, opt]);
    behind[11] = 2;
    expect(print(responder.respond(behind, PEER, NOW_MS))).toMatch(/^FORMERR/);
  });

  it("is never answered from memory: a later one has a later time", () => {
    const responder = new DnsResponder(contextOf(KEYS));
    const { octets } = sign(query(WWW), { at: AT });
    const first = responder.respond(octets, PEER, NOW_MS);
    expect(responder.respond(octets, PEER, NOW_MS + 5000)).not.toEqual(first);
    expect(print(responder.respond(octets, PEER, NOW_MS + 400_000))).toContain("NOTAUTH");
  });

  it("shows key and verdict in the journal", () => {
    const { octets, answer } = ask(WWW, { secret: "b3RoZXI=" });
    expect(dns.exchange?.(octets, answer)).toMatchObject({
      request: { key: "test-key" },
      reply: { rcode: "NOTAUTH", tsig: "BADSIG", additional: [] },
    });
  });
});

describe("who may do what", () => {
  const rcode = (answer: { readonly text: string }) => /^\w+/.exec(answer.text)?.[0];
  const unsigned = (text: string, options: object, peer = PEER) =>
    rcode({ text: print(new DnsResponder(contextOf({ ...KEYS, ...options })).respond(query(text), peer, NOW_MS)) });

  it("whoever has a key may update from anywhere, unless nobody may", () => {
    expect(rcode(ask(ADD, {}, { peer: AFAR }))).toBe("NOERROR");
    expect(rcode(ask(ADD, {}, { options: { update: "none" } }))).toBe("REFUSED");
    expect(unsigned(ADD, {}, AFAR)).toBe("REFUSED");
  });

  it("what must be signed is refused without", () => {
    const options = { signed: ["query", "update"] };
    expect([unsigned(ADD, options), unsigned(WWW, options)]).toEqual(["REFUSED", "REFUSED"]);
    expect(unsigned("id.server TXT class=CH", options)).toBe("NOERROR");
    expect([rcode(ask(ADD, {}, { options })), rcode(ask(WWW, {}, { options }))]).toEqual(["NOERROR", "NOERROR"]);
  });

  it.each([
    [{ keys: { k: "not base64!" } }, /expected base64/],
    [{ keys: { "a..b": SECRET } }, /expected a key's name/],
    [{ signed: ["notify"] }, /"query"/],
  ])("cannot be said so: %j", (options, message) => {
    expect(() => contextOf(options)).toThrow(message);
  });
});

describe("a zone transfer that is signed", () => {
  const records = Array.from({ length: 2000 }, (_, at) => `n${at} 60 TXT ${"x".repeat(40)}`).join("\n");
  const zones = { "big.test": `@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n${records}` };

  function transfer(options: object, octets: Uint8Array, peer = AFAR): Uint8Array[] {
    const machine = new DnsMachine(contextOf({ ...KEYS, zones, ...options }));
    const inputs = [
      { type: "open", now: NOW_MS, local: PEER, peer },
      { type: "data", now: NOW_MS, bytes: frame(octets) },
      ...Array.from({ length: 20 }, () => ({ type: "pull", now: NOW_MS }) as const),
    ] as const;
    const outputs = inputs.flatMap((input) => machine.handle(input));
    return unframe(concat(outputs.flatMap((output) => (output.do === "send" ? [output.bytes] : []))));
  }

  it("has a code in each message, each over the one before (RFC 8945 section 5.3.1)", () => {
    const { octets, mac } = sign(query("big.test AXFR"), { at: AT });
    const messages = transfer({}, octets);
    expect(messages.length).toBeGreaterThan(3);
    let prior = mac;
    for (const [index, message] of messages.entries()) {
      const seen = check(message, prior, {}, index === 0);
      expect(seen).toMatchObject({ error: 0, isRight: true });
      prior = seen.mac;
    }
  });

  it.each([
    ["with another secret is NOTAUTH", {}, { secret: "b3RoZXI=" }, "NOTAUTH"],
    ["is REFUSED where nobody may", { transfer: "none" }, {}, "REFUSED"],
  ])("%s", (_, options, signature: Signature, rcode) => {
    const messages = transfer(options, sign(query("big.test AXFR"), { at: AT, ...signature }).octets);
    expect(messages.map((message) => print(message).slice(0, rcode.length))).toEqual([rcode]);
  });

  it("is what `signed` may want", () => {
    const options = { signed: ["transfer"] };
    expect(print(transfer(options, query("big.test AXFR"), PEER)[0])).toContain("REFUSED");
    expect(transfer(options, sign(query("big.test AXFR"), { at: AT }).octets).length).toBeGreaterThan(3);
  });
});
