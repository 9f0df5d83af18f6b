import { describe, expect, it } from "vitest";
import { Cookies } from "../../../services/dns/cookies.ts";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { decode } from "../../../services/dns/message.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const WWW = "www.example.test A";
const CLIENT = "0102030405060708";
const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

/** The data of an option of an answer, in hexadecimal. */
const optionOf = (answer: Uint8Array | undefined, code: number) => {
  const found = answer && decode(answer)?.message.edns?.options.find((option) => option.code === code);
  return found && toHex(found.data);
};

const rcodeOf = (answer: Uint8Array | undefined) => /^\w+/.exec(print(answer))?.[0];

describe("a cookie", () => {
  // RFC 9018 appendix A.1, and A.3: another client's address is part of it.
  it("is RFC 9018's", () => {
    const secret = [...Buffer.from("e5e973e5a6b2a43f48e7dc849e37bfcf", "hex")];
    const cookies = new Cookies(() => (secret.shift() as number) / 256);
    const { octets } = cookies.answer(Buffer.from("2464c4abcf10c957", "hex"), "198.51.100.100", 1_559_731_985_000);
    expect(toHex(octets)).toBe("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
  });

  const first = (responder: DnsResponder) =>
    optionOf(responder.respond(query(`${WWW} +option=10:${CLIENT}`), PEER, NOW_MS), 10) as string;

  it.each([
    ["at once, comes back", 0, PEER.address, "same"],
    ["after 29 minutes, comes back", 29, PEER.address, "same"],
    ["after 31 minutes, is replaced", 31, PEER.address, "new"],
    ["after 61 minutes, is replaced", 61, PEER.address, "new"],
    ["from the future, is replaced", -6, PEER.address, "new"],
    ["from another address, is replaced", 0, "127.0.0.2", "new"],
  ])("that is shown %s", (_, minutes, address, expected) => {
    const responder = new DnsResponder(contextOf());
    const cookie = first(responder);
    const now = NOW_MS + minutes * MINUTE_MS;
    const again = optionOf(responder.respond(query(`${WWW} +option=10:${cookie}`), { ...PEER, address }, now), 10);
    expect(again?.slice(0, 16)).toBe(CLIENT);
    expect(again === cookie ? "same" : "new").toBe(expected);
  });

  it.each([
    ["without any", "", 0, "NOERROR"],
    ["with the client's part only", "+option=10:0102030405060708", 0, "BADCOOKIE"],
    ["with ours", "ours", 0, "NOERROR"],
    ["with ours an hour later", "ours", 61, "BADCOOKIE"],
    ["with another server's", "+option=10:01020304050607080102030405060708", 0, "BADCOOKIE"],
  ])("can be required: a query %s", (_, flags, minutes, rcode) => {
    const responder = new DnsResponder(contextOf({ cookies: "required" }));
    const option = flags === "ours" ? `+option=10:${first(responder)}` : flags;
    const answer = responder.respond(query(`${WWW} ${option}`), PEER, NOW_MS + minutes * MINUTE_MS);
    expect(rcodeOf(answer)).toBe(rcode);
    expect(optionOf(answer, 10)?.length).toBe(option === "" ? undefined : 48);
  });

  it("can be ignored", () => {
    const responder = new DnsResponder(contextOf({ cookies: "ignored" }));
    const answer = responder.respond(query(`${WWW} +option=10:${CLIENT}`), PEER, NOW_MS);
    expect(answer && decode(answer)?.message.edns?.options).toEqual([]);
  });

  it("that another sends is not in an answer from memory, nor taken for one when it is half there", () => {
    const responder = new DnsResponder(contextOf());
    first(responder);
    const other = responder.respond(
      query(`${WWW} id=9 +option=10:ffffffffffffffff`),
      { ...PEER, address: "127.0.0.2" },
      NOW_MS,
    );
    const fresh = new DnsResponder(contextOf());
    expect(toHex(other as Uint8Array)).toBe(
      toHex(
        fresh.respond(
          query(`${WWW} id=9 +option=10:ffffffffffffffff`),
          { ...PEER, address: "127.0.0.2" },
          NOW_MS,
        ) as Uint8Array,
      ),
    );
    const whole = query(`${WWW} +option=10:${CLIENT}`);
    for (let cut = 1; cut < 30; cut += 1)
      expect(rcodeOf(responder.respond(whole.subarray(0, -cut), PEER, NOW_MS))).toBe("FORMERR");
  });
});

describe("a client's subnet", () => {
  it.each([
    ["00011800c00002", "NOERROR"],
    ["00012000c0000201", "NOERROR"],
    ["00010000", "NOERROR"],
    ["0002380020010db8000000", "NOERROR"],
    ["00012100c000020100", "FORMERR"],
    ["00011808c00002", "FORMERR"],
    ["00011800c000", "FORMERR"],
    ["00011800c0000201", "FORMERR"],
    ["00031800c00002", "FORMERR"],
    ["000118", "FORMERR"],
    ["", "FORMERR"],
  ])("%s is %s", (hex, rcode) => {
    const answer = new DnsResponder(contextOf()).respond(query(`${WWW} +option=8:${hex}`), PEER, 0);
    expect(rcodeOf(answer)).toBe(rcode);
    expect(optionOf(answer, 8)).toBe(rcode === "NOERROR" ? hex : undefined);
  });
});

describe("over a connection", () => {
  function over(text: string, { secure = false, options = {} } = {}): Uint8Array {
    const machine = new DnsMachine({ ...contextOf(options), secure });
    machine.handle({ type: "open", now: 0, local: PEER, peer: PEER });
    const [sent] = machine.handle({ type: "data", now: 0, bytes: frame(query(text)) });
    return unframe(sent?.do === "send" ? sent.bytes : new Uint8Array(0))[0] as Uint8Array;
  }

  it.each([
    [30_000, "012c"],
    [50, "0000"],
    [86_400_000, "ffff"],
  ])("a keepalive (RFC 7828) is told the %i ms of its idle time in tenths of a second: %s", (idleMs, hex) => {
    expect(optionOf(over(`${WWW} +option=11:`, { options: { idleMs } }), 11)).toBe(hex);
  });

  it.each([WWW, "long.example.test TXT", "example.test MX +do", "nobody.example.test A +option=3:"])(
    "inside TLS padding (RFC 8467) makes the answer to %s a multiple of 468 octets",
    (text) => {
      expect(over(`${text} +option=12:`, { secure: true }).length % 468).toBe(0);
      expect(optionOf(over(`${text} +edns`, { secure: true }), 12)).toBeUndefined();
      expect(optionOf(over(`${text} +option=12:`), 12)).toBeUndefined();
    },
  );
});

describe("an extended error (RFC 8914)", () => {
  it.each([
    ["elsewhere.test A +edns", {}, "0014"],
    [`${WWW} +edns`, { signed: ["query"] }, "0012"],
    ["example.test SOA opcode=UPDATE +edns", { update: "none" }, "0012"],
  ])("to %s with %j is %s", (text, options, hex) => {
    const answer = new DnsResponder(contextOf(options)).respond(query(text), PEER, 0);
    expect(rcodeOf(answer)).toBe("REFUSED");
    expect(optionOf(answer, 15)).toBe(hex);
  });
});
