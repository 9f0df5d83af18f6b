import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dns } from "../../../services/dns/index.ts";
import { decode, encode, type Message, type ResourceRecord } from "../../../services/dns/message.ts";
import { lowerName, type Name, parseName, printName, ROOT } from "../../../services/dns/names.ts";
import { parseRdata, printRdata } from "../../../services/dns/rdata.ts";
import { TYPE } from "../../../services/dns/types.ts";
import { fromHex, fromLatin1, toHex } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const octet = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 0xffff });
/** A few labels often, so that there is something to compress. */
const label = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("www", "WWW", "example", "test", "mail", "*") },
  {
    weight: 1,
    arbitrary: fc.array(octet, { minLength: 1, maxLength: 63 }).map((octets) => String.fromCharCode(...octets)),
  },
);
const name = fc
  .array(label, { maxLength: 6 })
  .map((labels) => (labels.map((each) => String.fromCharCode(each.length) + each).join("") + ROOT) as Name)
  .filter((each) => each.length <= 255);

/** RDATA that its type's fields fit, made of names where the type has names. */
const recordData = fc.oneof(
  fc.tuple(fc.constantFrom(TYPE.NS, TYPE.CNAME, TYPE.PTR, TYPE.DNAME), name).map(([type, target]) => ({
    type,
    rdata: fromLatin1(target),
  })),
  fc.tuple(fc.constantFrom(TYPE.MX, TYPE.AFSDB), u16, name).map(([type, number, target]) => ({
    type,
    rdata: fromLatin1(String.fromCharCode(number >> 8, number & 0xff) + target),
  })),
  fc.tuple(name, name).map(([mname, rname]) => ({
    type: TYPE.SOA,
    rdata: fromLatin1(`${mname}${rname}${"\x00\x00\x00\x07".repeat(5)}`),
  })),
  fc.tuple(name).map(([target]) => ({ type: TYPE.SRV, rdata: fromLatin1(`\0\x01\0\x02\0\x35${target}`) })),
  fc
    .tuple(fc.constantFrom(TYPE.A, TYPE.TXT, 65_280), fc.uint8Array({ maxLength: 300 }))
    .map(([type, rdata]) => ({ type, rdata })),
);

const record: fc.Arbitrary<ResourceRecord> = fc
  .record({ name, class: u16, ttl: fc.integer({ min: 0, max: 2 ** 32 - 1 }), data: recordData })
  .map(({ data, ...rest }) => ({ ...rest, ...data }));

const records = fc.array(record, { maxLength: 5 });

const message: fc.Arbitrary<Message> = fc
  .record(
    {
      id: u16,
      response: fc.boolean(),
      opcode: fc.integer({ min: 0, max: 15 }),
      authoritative: fc.boolean(),
      truncated: fc.boolean(),
      recursionDesired: fc.boolean(),
      recursionAvailable: fc.boolean(),
      authenticData: fc.boolean(),
      checkingDisabled: fc.boolean(),
      rcode: fc.integer({ min: 0, max: 4095 }),
      questions: fc.array(fc.record({ name, type: u16, class: u16 }), { maxLength: 2 }),
      answers: records,
      authority: records,
      additional: records,
      edns: fc.record({
        udpOctets: u16,
        version: octet,
        dnssecOk: fc.boolean(),
        options: fc.array(fc.record({ code: u16, data: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 3 }),
      }),
    },
    { requiredKeys: undefined as never },
  )
  // Without EDNS there are only four bits for the rcode.
  .map((made) => made as Message)
  .chain((made) =>
    fc.boolean().map((withEdns) => {
      const { edns, ...plain } = made;
      return withEdns && edns ? { ...plain, edns } : { ...plain, rcode: made.rcode & 0xf };
    }),
  );

/** Messages whose octet arrays differ in class (Buffer or not), and whose keys in order. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, comparable(each)]));
}

describe("the codec", () => {
  it("decodes what it encoded to the same message", () => {
    fc.assert(
      fc.property(message, (made) => {
        const decoded = decode(encode(made));
        expect(decoded?.problem).toBeUndefined();
        expect(comparable(decoded?.message)).toEqual(comparable(made));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the limit, and says so when it left something out", () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 512, max: 1500 }), (made, limit) => {
        fc.pre(made.questions.length < 2);
        const octets = encode({ ...made, truncated: false }, limit);
        const decoded = decode(octets);
        expect(decoded?.problem).toBeUndefined();
        expect(octets.length).toBeLessThanOrEqual(limit);
        const sections = ["answers", "authority"] as const;
        const isComplete = sections.every((section) => decoded?.message[section].length === made[section].length);
        expect(decoded?.message.truncated).toBe(!isComplete);
        expect(decoded?.message.edns).toEqual(made.edns && expect.anything());
      }),
      { numRuns: 300 },
    );
  });

  it("points to names that came before, in RFC 1035's types only", () => {
    const target = parseName("mail.example.test");
    const answer = (type: number, before: string): ResourceRecord => ({
      name: parseName("example.test"),
      type,
      class: 1,
      ttl: 1,
      rdata: fromLatin1(before + target),
    });
    const made = decode(query("example.test MX"))?.message as Message;
    const octets = encode({ ...made, answers: [answer(TYPE.MX, "\0\x0a"), answer(TYPE.SRV, "\0\0\0\0\0\x19")] });
    const hex = toHex(octets);
    // RFC 3597 section 4: MX compressed, SRV whole.
    expect(hex).toContain("0009000a046d61696cc00c");
    expect(hex).toContain(`0019${toHex(fromLatin1(target))}`);
  });

  it("never points to a name in another case", () => {
    const made = decode(query("EXAMPLE.test NS"))?.message as Message;
    const rdata = fromLatin1(parseName("example.TEST"));
    const octets = encode({
      ...made,
      answers: [{ name: parseName("EXAMPLE.test"), type: TYPE.NS, class: 1, ttl: 1, rdata }],
    });
    expect(comparable(decode(octets)?.message.answers[0]?.rdata)).toBe(comparable(rdata));
  });

  it.each([
    ["a pointer to itself", "c00c00010001"],
    ["a pointer forwards", "c01200010001"],
    ["two pointers to each other", "0161c00e0161c00c00010001"],
    ["a pointer out of the message", "ffff00010001"],
    ["half a pointer", "c0"],
    ["a label over the end", "3f61"],
    ["a reserved label type", "4061000001"],
    ["a name of more than 255 octets", `${`3f${"61".repeat(63)}`.repeat(4)}0000010001`],
    ["a question cut off", "00000100"],
  ])("refuses %s", (_, question) => {
    const decoded = decode(fromHex(`000100000001000000000000${question}`) as Uint8Array);
    expect(decoded?.problem).toBeTypeOf("string");
    expect(decoded?.message.id).toBe(1);
  });

  it("reads a chain of pointers, each of which points backwards", () => {
    // a. at 12; b.a. at 15+4; c.b.a. after that.
    const decoded = decode(
      fromHex(
        "000100000003000000000000" + "016100" + "00010001" + "0162c00c" + "00010001" + "0163c013" + "00010001",
      ) as Uint8Array,
    );
    expect(decoded?.problem).toBeUndefined();
    expect(decoded?.message.questions.map((each) => printName(each.name))).toEqual(["a.", "b.a.", "c.b.a."]);
  });

  it("answers 50,000 mangled packets without a throw, and quickly", () => {
    const responder = dns.responder?.(contextOf());
    const seeds = [
      "www.example.test A",
      "example.test MX +edns=1232 +do +option=10:0102030405060708",
      "x.wild.example.test TXT class=ANY",
      "example.test AXFR",
      "version.bind TXT class=CH",
    ].map(query);
    const answer = responder?.respond(query("example.test ANY +edns"), PEER, 0);
    if (answer) seeds.push(answer);
    const worst = { ms: 0 };
    let seed = 1;
    // Numerical Recipes' generator: the same packets every time.
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 50_000; round += 1) {
      let packet = Uint8Array.from(seeds[random(seeds.length)] as Uint8Array);
      for (let change = random(4); change >= 0; change -= 1) {
        const kind = random(4);
        if (kind === 0) packet = packet.slice(0, random(packet.length + 1));
        else if (kind === 1) packet[random(packet.length)] = random(256);
        else if (kind === 2) packet[random(Math.min(packet.length, 12))] = random(256);
        else
          packet = Uint8Array.from([
            ...packet,
            ...Array.from({ length: random(40) }, () => [0xc0, 0x0c, 0xff, 0][random(4)] as number),
          ]);
      }
      const started = performance.now();
      const reply = responder?.respond(packet, PEER, 0);
      dns.exchange?.(packet, reply);
      worst.ms = Math.max(worst.ms, performance.now() - started);
      if (packet.length < 12) expect(reply).toBeUndefined();
      if (reply) expect(decode(reply)?.problem).toBeUndefined();
    }
    expect(worst.ms).toBeLessThan(500);
  });

  it("takes bounded time over 64 KiB of pointers", () => {
    const header = fromHex("0001000000010000ffffffff") as Uint8Array;
    const longest = fromLatin1(`${"\x01a".repeat(127)}\0\0\x01\0\x01`);
    const pointer = fromHex("c00c00010001000000000000") as Uint8Array;
    const packet = Buffer.concat([header, longest, ...Array.from({ length: 5400 }, () => pointer)]);
    const started = performance.now();
    expect(print(dns.responder?.(contextOf()).respond(packet, PEER, 0))).toContain("FORMERR");
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("a name", () => {
  it("prints and parses to the same octets", () => {
    fc.assert(fc.property(name, (each) => parseName(printName(each)) === each));
  });

  it("has a case in ASCII only (RFC 4343)", () => {
    expect(lowerName("\x04AZ\xc0\xdf\0" as Name)).toBe("\x04az\xc0\xdf\0");
  });

  it.each([
    [".", "."],
    ["a", "a."],
    ["a.", "a."],
    ["\\097", "a."],
    ["a\\.b.c", "a\\.b.c."],
    ["a b", "a\\032b."],
    ['a"b', 'a\\"b.'],
    ["\\@", "\\@."],
  ])("%s prints as %s", (text, printed) => {
    expect(printName(parseName(text))).toBe(printed);
  });
});

describe("RDATA", () => {
  it("of any octets prints, and parses to the same octets", () => {
    const types = [...Object.values(TYPE), 65_280]
      .filter((type) => type < 128 || type > 255)
      .filter((type) => type !== TYPE.OPT);
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }), (type, rdata) => {
        const text = printRdata(type, rdata);
        const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+)/g)].map(
          ([, quoted, plain]) => quoted ?? (plain ?? "").replace(/\\.|"/g, (part) => (part === '"' ? "" : part)),
        );
        // Octets that the type's fields do not fit are printed as such, and refused in a master file.
        if (text.startsWith("\\#")) expect(text).toContain(toHex(rdata).toUpperCase());
        else expect(toHex(parseRdata(type, words, ROOT))).toBe(toHex(rdata));
      }),
      { numRuns: 5000 },
    );
  });
});
