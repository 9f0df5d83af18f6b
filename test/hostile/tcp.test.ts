import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Entry, type Harness, start } from "../../src/index.ts";
import { seededRandom } from "../../src/world/random.ts";
import { clientParts } from "../fuzz/inputs.ts";
import { OVER_TCP, serves, serviceOf, sessionOf, type Visitor, visit } from "./visitor.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
/** Of what came, a failure shows so many characters. */
const SHOWN = 4000;

/** What a service may say to anybody, whatever came. */
const TERMS: { readonly [name: string]: RegExp } = {
  echo: /^/,
  discard: /^$/,
  daytime: /^[^\r\n]+-UTC\r\n$/,
  qotd: /^[^\r\n]+\r\n$/,
  chargen: /^[ -~\r\n]+$/,
  ftp: /^220 .*\r\n(?:\d{3}[ -][^\r\n]*\r\n| [^\r\n]*\r\n)*$/,
  ssh: /^SSH-2\.0-[^\r\n]+\r\n(?:$|[^\r\n]+\r\n$|\0\0.*$)/s,
  smtp: /^220 .*\r\n(?:[2-5]\d\d[ -][^\r\n]*\r\n)*$/,
  time: /^.{4}$/s,
  dns: /^/,
  http: /^(?:HTTP\/1\.[01] \d{3} .*)?$/s,
  https: /^(?:HTTP\/1\.[01] \d{3} .*)?$/s,
  dot: /^/,
};

let harness: Harness;

beforeAll(async () => {
  harness = await start({ host: "127.0.0.1" });
});
beforeEach(() => harness.reset());
afterEach(() => {
  expect(harness.journal.find({ event: "crash" })).toEqual([]);
});
afterAll(() => harness.stop());

function garbage(octets: number): Buffer {
  const random = seededRandom(octets);
  return Buffer.from(Array.from({ length: octets }, () => Math.floor(random() * 256)));
}

const HELLO = clientParts(serviceOf("smtp"), "tcp").flat();

const ATTACKS: readonly (readonly [string, Buffer])[] = [
  ["nothing at all", Buffer.alloc(0)],
  ["a line without end", Buffer.alloc(2 * MEBIBYTE, "A")],
  ["a mebibyte of NUL", Buffer.alloc(MEBIBYTE)],
  ["lines that end in LF alone", Buffer.from("HELO me\nUSER alice\nGET / HTTP/1.1\n\nQUIT\n".repeat(200))],
  ["lines that end in CR alone", Buffer.from("HELO me\rUSER alice\rGET / HTTP/1.1\r\rQUIT\r".repeat(200))],
  ["nothing but line ends", Buffer.alloc(256 * KIBIBYTE, "\r\n")],
  ["binary garbage", garbage(256 * KIBIBYTE)],
  ["octets with the high bit set", Buffer.alloc(64 * KIBIBYTE, 0xff)],
  ["another protocol", Buffer.concat(HELLO)],
  ["TLS", Buffer.from("16030100a5010000a10303".padEnd(400, "0"), "hex")],
  ["a number that is too big", Buffer.from(`${"9".repeat(70_000)}\r\n`)],
];

describe.each(OVER_TCP)("%s, when there comes", (name) => {
  it.each(ATTACKS)("%s, answers in its terms and closes", async (_, octets) => {
    const visitor = await visit(harness, name);
    const { port } = visitor;
    visitor.socket.end(octets);
    expect(await visitor.over).toBe(name === "chargen" ? "enough" : "FIN");
    visitor.socket.destroy();
    expect(beginningOf(visitor)).toMatch(TERMS[name] ?? /^never$/);
    const session = await sessionOf(harness, port);
    expect(harness.journal.find({ kind: "open", session: session.id })).toHaveLength(1);
    await serves(harness, name);
  });
});

/** As much as a failure should show, in whole lines. */
function beginningOf({ text }: Visitor): string {
  return text.length <= SHOWN ? text : text.slice(0, text.lastIndexOf("\r\n", SHOWN) + 2);
}

describe("garbage in place of TLS", () => {
  it.each(ATTACKS)("%s is noted, and the next client is served", async (_, octets) => {
    const visitor = await visit(harness, "https", { plain: true });
    visitor.socket.end(octets);
    await visitor.over;
    await harness.journal.waitFor({ service: "https", event: "tls-failed" });
    await serves(harness, "https");
  });
});

/** What clients say to a service, cut off at up to so many points of it. */
const CUTS = 24;
function beginnings(name: string): Buffer[] {
  const [said = []] = clientParts(serviceOf(name), "tcp").toSorted((a, b) => b.length - a.length);
  const whole = Buffer.concat(said).subarray(0, 4 * KIBIBYTE);
  const step = Math.max(1, Math.ceil(whole.length / CUTS));
  return Array.from({ length: Math.ceil(whole.length / step) + 1 }, (_, at) => whole.subarray(0, at * step));
}

describe.each(OVER_TCP)("%s, when a client that knows it", (name) => {
  it("half-closes at any point, closes too", async () => {
    for (const beginning of beginnings(name)) {
      const visitor = await visit(harness, name);
      visitor.socket.end(beginning);
      const { port } = visitor;
      expect([beginning.length, await visitor.over]).toEqual([beginning.length, name === "chargen" ? "enough" : "FIN"]);
      visitor.socket.destroy();
      await sessionOf(harness, port);
    }
    await serves(harness, name);
  });

  it("resets at any point, ends the session and serves the next", async () => {
    for (const beginning of beginnings(name)) {
      const visitor = await visit(harness, name);
      const { port } = visitor;
      visitor.socket.write(beginning);
      // Inside TLS, Node takes an RST that comes together with octets for a FIN.
      const isRead = ({ kind, session }: Entry) => session.peer.port === port && kind === "received";
      if (serviceOf(name).tls && beginning.length > 0) await harness.journal.waitFor({ where: isRead });
      visitor.reset();
      await sessionOf(harness, port);
    }
    await serves(harness, name);
    expect(harness.sessions.filter(({ record }) => record.service === name).length).toBeLessThanOrEqual(1);
  });

  it("says it one octet at a time, says the same as at once", async () => {
    const beginning = beginnings(name).at(-1) ?? Buffer.alloc(0);
    const answers: string[] = [];
    for (const pieces of [[beginning], [...beginning].map((octet) => Buffer.of(octet))]) {
      harness.reset();
      const visitor = await visit(harness, name);
      for (const piece of pieces) {
        visitor.socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      visitor.socket.end();
      await visitor.over;
      visitor.socket.destroy();
      answers.push(withoutChance(beginningOf(visitor)));
    }
    expect(answers[1]).toBe(answers[0]);
  });

  it("comes two hundred times at once, serves them all", async () => {
    await Promise.all(Array.from({ length: 200 }, () => serves(harness, name)));
  });
});

/** The clock goes on between two sessions, and the system chooses ports. */
function withoutChance(text: string): string {
  return text
    .replace(/^(Date: |\w+day, ).*$/gm, "$1")
    .replace(/^(227 .*,)\d+,\d+\)/gm, "$1)")
    .replace(/^.{4}$/s, "time");
}

/** Requests that have much to say, over and over. */
const GREEDY: { readonly [name: string]: string } = {
  echo: "x".repeat(64 * KIBIBYTE),
  chargen: "",
  ftp: "HELP\r\n".repeat(4096),
  smtp: "HELP\r\n".repeat(4096),
  http: "GET /pub/1MiB.txt HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1024),
  https: "GET /pub/1MiB.txt HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1024),
};

describe("a peer that asks and never reads", () => {
  it.each(Object.entries(GREEDY))("of %s is not answered without end, and others are served", async (name, request) => {
    const visitor = await visit(harness, name);
    const { port } = visitor;
    visitor.socket.pause();
    let stuck = request === "";
    for (let sent = 0; !stuck && sent < 32 * MEBIBYTE; sent += request.length) {
      if (!visitor.socket.write(request)) stuck = !(await drained(visitor));
    }
    await Promise.all(Array.from({ length: 10 }, () => serves(harness, name)));
    const said = harness.journal.find({
      service: name,
      kind: "sent",
      where: ({ session }) => session.peer.port === port,
    });
    const octets = said.reduce((sum, entry) => sum + (entry.kind === "sent" ? entry.bytes.length : 0), 0);
    expect(octets).toBeLessThan(16 * MEBIBYTE);
    visitor.socket.destroy();
    await sessionOf(harness, port);
  });
});

/** Whether the socket takes more within half a second. */
async function drained({ socket }: Visitor): Promise<boolean> {
  try {
    await once(socket, "drain", { signal: AbortSignal.timeout(500) });
    return true;
  } catch {
    return false;
  }
}

/** Each option that says how long a service waits, what the peer says before it falls silent, and the last words to it. */
const PATIENCE: readonly (readonly [string, string, string, RegExp])[] = [
  ["echo", "idleMs", "", /^$/],
  ["discard", "idleMs", "", /^$/],
  ["ftp", "idleMs", "", /^220 .*\r\n421 .*\r\n$/],
  ["ssh", "loginGraceMs", "", /^SSH-2\.0-/],
  ["smtp", "idleMs", "", /^220 .*\r\n421 .*\r\n$/],
  ["dns", "idleMs", "", /^$/],
  ["http", "idleMs", "", /^(?:HTTP\/1\.1 408 .*)?$/s],
  ["http", "headMs", "GET / HT", /^HTTP\/1\.1 408 .*$/s],
  ["http", "bodyMs", "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", /^HTTP\/1\.1 408 .*$/s],
  [
    "smtp",
    "idleMs",
    "HELO me\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nhalf",
    /\r\n354 .*\r\n421 .*\r\n$/,
  ],
  ["dns", "idleMs", "\0\x20half", /^$/],
  ["dot", "idleMs", "\0\x20half", /^$/],
  ["https", "idleMs", "", /^(?:HTTP\/1\.1 408 .*)?$/s],
];

describe("a peer that falls silent", () => {
  it.each(PATIENCE)("to %s is sent away after its %s: %j", async (name, option, said, words) => {
    await using impatient = await start({ host: "127.0.0.1", services: { [name]: { [option]: 100 } } as never });
    const visitor = await visit(impatient as Harness, name);
    const { port } = visitor;
    visitor.socket.write(said);
    expect(await visitor.over).toBe("FIN");
    expect(visitor.text).toMatch(words);
    visitor.socket.end();
    await sessionOf(impatient as Harness, port);
    await serves(impatient as Harness, name);
  });

  it("and never reads is reset by chargen", async () => {
    await using impatient = await start({ host: "127.0.0.1", services: { chargen: { idleMs: 100 } } });
    const visitor = await visit(impatient as Harness, "chargen");
    visitor.socket.pause();
    await sessionOf(impatient as Harness, visitor.port);
    visitor.socket.destroy();
    await serves(impatient as Harness, "chargen");
  });
});
