import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PortwrightError } from "../../src/errors.ts";
import { exportEntries, type Harness, readJsonLines, start } from "../../src/index.ts";
import { TestSocket } from "../supervisor/fixture.ts";
import { expectSound, told } from "./fixture.ts";
import { blocksOf } from "./pcapng-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "capture-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(path(name));
/** What is recorded in one turn is written at its end. */
const written = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

async function talk(harness: Harness<"echo">, ...words: readonly string[]): Promise<TestSocket> {
  const { host, port } = harness.endpoint("echo", { transport: "tcp" });
  const client = await TestSocket.connect(host, port);
  for (const word of words) {
    client.socket.write(word);
    await harness.journal.waitFor({ kind: "sent", text: word });
  }
  await written();
  return client;
}

describe("a capture", () => {
  it("is a whole file at any time, in every form", async () => {
    await using harness = await start({ services: ["http"] });
    const { url } = harness.endpoint("http");
    for (const name of ["a.pcapng", "a.har", "a.jsonl", "a.txt"]) harness.capture(path(name));
    await written();
    expect(blocksOf(read("a.pcapng"))).toHaveLength(2);
    expect(JSON.parse(read("a.har").toString()).log.entries).toEqual([]);
    for (const count of [1, 2, 3]) {
      await (await fetch(`${url}/pub/hello.txt`, { headers: { connection: "close" } })).text();
      await harness.journal.waitFor({ kind: "close", session: count });
      await written();
      expectSound(read("a.pcapng"));
      expect(told(read("a.pcapng")).filter((line) => line === "> SYN")).toHaveLength(count);
      expect(JSON.parse(read("a.har").toString()).log.entries).toHaveLength(count);
      expect(readJsonLines(read("a.jsonl").toString())).toHaveLength(harness.journal.size);
      expect(
        read("a.txt")
          .toString()
          .match(/^service: http$/gm),
      ).toHaveLength(count);
    }
    const kept = readJsonLines(read("a.jsonl").toString());
    expect(exportEntries(kept, "har")).toBe(read("a.har").toString());
    expect(Buffer.from(exportEntries(kept, "pcapng")).equals(read("a.pcapng"))).toBe(true);
    expect(exportEntries(kept, "dialogue")).toBe(read("a.txt").toString());
    // The same as what the journal has.
    await harness.stop();
    expect(read("a.pcapng").equals(harness.export("pcapng"))).toBe(true);
    expect(read("a.har").toString()).toBe(harness.export("har"));
    expect(read("a.jsonl").toString()).toBe(harness.export("jsonl"));
    expect(read("a.txt").toString()).toBe(harness.export("dialogue"));
  });

  it("begins where it is started, unless the past is asked for", async () => {
    await using harness = await start({ services: ["echo"] });
    (await talk(harness, "one")).socket.destroy();
    await harness.journal.waitFor({ kind: "close" });
    using from = harness.capture(path("from-now.jsonl"));
    using all = harness.capture(path("all.jsonl"), { past: true });
    (await talk(harness, "two")).socket.destroy();
    for (const capture of [from, all]) capture.close();
    expect(read("from-now.jsonl").toString()).not.toContain("one");
    for (const word of ["one", "two"]) expect(read("all.jsonl").toString()).toContain(word);
  });

  it("has one service only, or one instance, if that is asked for", async () => {
    await using harness = await start({ services: { echo: true, other: { service: "echo" } } });
    using capture = harness.capture(path("other.jsonl"), { name: "other" });
    for (const name of ["echo", "other"] as const) {
      const { host, port } = harness.endpoint(name, { transport: "tcp" });
      const client = await TestSocket.connect(host, port);
      client.socket.end("x");
      await harness.journal.waitFor({ name, kind: "close" });
    }
    capture.close();
    expect(new Set(readJsonLines(read("other.jsonl").toString()).map(({ session }) => session.name))).toEqual(
      new Set(["other"]),
    );
    expect(harness.export("jsonl", { name: "other" })).toBe(read("other.jsonl").toString());
  });

  it("has the sessions that are open when it ends", async () => {
    await using harness = await start({ services: ["echo"] });
    using capture = harness.capture(path("open.txt"));
    const client = await talk(harness, "hello");
    expect(read("open.txt").toString()).toBe("");
    capture.close();
    capture.close();
    expect(read("open.txt").toString()).toMatch(/C\| hello\n(~ \d+ms\n)?S\| hello\n$/);
    client.socket.destroy();
  });

  it("takes the place of a file that is there, and ends with the harness", async () => {
    writeFileSync(path("old.har"), "x".repeat(10_000));
    const harness = await start({ services: ["echo"] });
    harness.capture(path("old.har"));
    await harness.stop();
    expect(JSON.parse(read("old.har").toString()).log.entries).toEqual([]);
  });

  it("can be of another form than its name says", async () => {
    await using harness = await start({ services: ["echo"] });
    using capture = harness.capture(path("wire.bin"), { format: "pcapng" });
    expect(capture.format).toBe("pcapng");
    expect(() => harness.capture(path("wire.bin"))).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: expect.stringMatching(/ends in \.pcapng, \.har, \.jsonl, \.txt/),
      }),
    );
  });

  it("is not of a form that nobody knows, nor is an export", async () => {
    await using harness = await start({ services: ["echo"] });
    const refusal = expect.objectContaining({
      code: "USAGE",
      message: 'no such form "pcap"; there are pcapng, har, jsonl, dialogue',
    });
    expect(() => harness.capture(path("wire.bin"), { format: "pcap" as "pcapng" })).toThrow(refusal);
    expect(() => harness.export("pcap" as "pcapng")).toThrow(refusal);
  });

  it("says when its file cannot be written, and how that can be mended", async () => {
    await using harness = await start({ services: ["echo"] });
    expect(() => harness.capture(path("absent/x.pcapng"))).toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE", remedies: [`mkdir -p ${path("absent")}`] }),
    );
  });

  it.runIf(existsSync("/dev/full"))("that runs out of space says so once, and the services go on", async () => {
    symlinkSync("/dev/full", path("full.pcapng"));
    await using harness = await start({ services: ["echo"] });
    const failures: PortwrightError[] = [];
    using told = harness.capture(path("full.pcapng"), { failed: (error) => failures.push(error) });
    const silent = harness.capture(path("full.pcapng"));
    const client = await talk(harness, "a", "b");
    expect(failures).toMatchObject([{ code: "FILE_UNWRITABLE", place: path("full.pcapng") }]);
    expect(failures[0]?.message).toMatch(/ENOSPC/);
    told.close();
    expect(() => silent.close()).toThrow(/ENOSPC/);
    client.socket.destroy();
  });
});

/** What a client of TLS may do, and what happens to it. */
const ADVENTURES: readonly (readonly [string, (client: TLSSocket, below: ReturnType<typeof connectTcp>) => unknown])[] =
  [
    ["asks and leaves", (client) => client.end("GET /pub/hello.txt HTTP/1.0\r\n\r\n")],
    ["downloads a mebibyte", (client) => client.write("GET /pub/1MiB.txt HTTP/1.0\r\n\r\n")],
    [
      "uploads as much",
      (client) => {
        client.write("POST /post HTTP/1.0\r\nContent-Length: 1048576\r\n\r\n");
        client.write(Buffer.alloc(1024 * 1024, "x"));
      },
    ],
    ["says nothing", (client) => client.end()],
    ["says nonsense", (client) => client.write("\r\n\r\nnonsense\r\n\r\n")],
    [
      "resets the connection",
      (client, below) => {
        client.once("data", () => below.resetAndDestroy());
        client.write("GET /pub/hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      },
    ],
    ["breaks a record", (_, below) => below.write("no TLS at all")],
  ];

describe("a capture of TLS changes nothing of what happens when a client", () => {
  let harness: Harness<"https">;
  beforeAll(async () => {
    harness = await start({ services: ["https"] });
  });
  afterAll(() => harness.stop());

  /** What the journal says of it, without the numbers that are others each time. */
  async function outcome(adventure: (typeof ADVENTURES)[number][1]): Promise<unknown> {
    harness.reset();
    const { host, port } = harness.endpoint("https");
    const below = connectTcp({ host, port });
    const client = connectTls({ socket: below, ca: harness.ca.pem, servername: "localhost" });
    for (const socket of [client, below]) socket.on("error", () => undefined);
    await once(client, "secureConnect");
    const received: Buffer[] = [];
    client.on("data", (bytes: Buffer) => received.push(bytes));
    adventure(client, below);
    await harness.journal.waitFor({ kind: "close" });
    const kinds = harness.journal.find().map((entry) => {
      if (entry.kind === "close") return `close ${entry.how} ${entry.error ?? ""}`;
      return entry.kind === "end" ? `end ${entry.by}` : entry.kind;
    });
    client.destroy();
    below.destroy();
    return { kinds: kinds.filter((kind, at) => kind !== kinds[at - 1]), octets: Buffer.concat(received).length };
  }

  it.each(ADVENTURES)("%s", async (_, adventure) => {
    const without = await outcome(adventure);
    const capture = harness.capture(path("tls.pcapng"));
    const withIt = await outcome(adventure);
    while (!told(read("tls.pcapng")).some((line) => /(FIN|RST),ACK/.test(line))) await written();
    capture.close();
    expect(withIt).toEqual(without);
    expectSound(read("tls.pcapng"));
    expect(told(read("tls.pcapng")).slice(0, 3)).toEqual(["> SYN", "< SYN,ACK", "> ACK"]);
    // Secrets of the handshake and of the traffic.
    expect(blocksOf(read("tls.pcapng")).filter(({ type }) => type === 10).length).toBeGreaterThanOrEqual(4);
  });
});
