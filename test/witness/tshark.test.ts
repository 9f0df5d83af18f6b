import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, type SecureVersion } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServiceName, services } from "../../services/registry.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { type Harness, replay, start } from "../../src/index.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { openHarness, TestSocket } from "../supervisor/fixture.ts";
import { SLOW, succeed, witness } from "./clients.ts";

const SERVICES = join(import.meta.dirname, "../../services");
const CHECKED = ["ip", "tcp", "udp"].flatMap((protocol) => ["-o", `${protocol}.check_checksum:TRUE`]);

/** tshark's numbers, whose names are others from version to version. */
const GOOD = 1;
const ERROR = 0x800000;

/** What no packet may be. */
const UNSOUND = [
  "tcp.analysis.flags",
  `ip && !(ip.checksum.status == ${GOOD})`,
  `tcp && !(tcp.checksum.status == ${GOOD})`,
  `udp && !(udp.checksum.status == ${GOOD})`,
]
  .map((filter) => `(${filter})`)
  .join(" || ");
const MALFORMED = `_ws.malformed || _ws.expert.severity == ${ERROR}`;
/** A client may say what nobody can read; a service never does. */
const MALFORMED_BY_US = `(${MALFORMED}) && frame.packet_flags_direction == 2`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tshark-witness-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function tshark(file: string, ...args: readonly string[]): Promise<string[]> {
  const { stdout } = await succeed("tshark", ["-r", file, ...CHECKED, ...args]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Fields of the packets that the filter lets through, tabs between them. */
const fields = (file: string, filter: string, ...names: readonly string[]) =>
  tshark(file, "-Y", filter, "-T", "fields", ...names.flatMap((name) => ["-e", name]));

const packets = (file: string, filter: string) => tshark(file, "-Y", filter);

async function ended({ sessions, journal }: Harness): Promise<void> {
  await Promise.all(sessions.map(({ record }) => journal.waitFor({ session: record.id, kind: "close" })));
}

/** What tshark calls the protocols of a service; it knows no quotes and nothing of what is discarded. */
const PROTOCOLS = {
  echo: ["echo"],
  discard: ["data"],
  daytime: ["daytime"],
  qotd: ["data"],
  chargen: ["chargen"],
  ftp: ["ftp", "ftp-data"],
  ssh: ["ssh"],
  smtp: ["smtp", "imf"],
  time: ["time"],
  dns: ["dns"],
  http: ["http", "json", "urlencoded-form"],
  https: ["tls", "http"],
} as const satisfies { readonly [S in ServiceName]?: readonly string[] };

/** The dialogues of a service that go over a network and need no options, by the time at which they are. */
function dialoguesOf(name: ServiceName): Map<number, string[]> {
  const byClock = new Map<number, string[]>();
  for (const file of readdirSync(join(SERVICES, name, "dialogues")).filter((one) => one.endsWith(".txt"))) {
    const content = readFileSync(join(SERVICES, name, "dialogues", file), "utf8");
    const { onlyMachine, options, clock } = parseDialogue(content, file);
    if (onlyMachine || Object.keys(options).length > 0) continue;
    byClock.set(clock, [...(byClock.get(clock) ?? []), content]);
  }
  return byClock;
}

witness("tshark", () => {
  const plain = (Object.keys(PROTOCOLS) as ServiceName[]).filter((name) => !("tls" in services[name]));

  it.each(plain.filter((name) => dialoguesOf(name).size > 0))(
    "finds nothing wrong with any dialogue of %s",
    SLOW,
    async (name) => {
      const seen = new Set<string>();
      for (const [time, dialogues] of dialoguesOf(name)) {
        const file = join(folder, `${name}-${time}.pcapng`);
        await using harness = await openHarness({ services: [name] }, [], { clock: new ManualClock(time) });
        using capture = harness.capture(file);
        for (const dialogue of dialogues) {
          await replay(harness, dialogue);
          harness.world.reset();
        }
        await ended(harness);
        capture.close();
        expect(await packets(file, `${UNSOUND} || (${MALFORMED_BY_US})`)).toEqual([]);
        for (const protocols of await fields(file, "tcp || udp", "frame.protocols")) {
          for (const protocol of protocols.split(":")) seen.add(protocol);
        }
        const comments = await fields(file, "frame.comment", "frame.comment");
        const exchanges = comments
          .flatMap((comment) => comment.split(","))
          .filter((comment) => comment.includes(" -> "));
        expect(exchanges.length).toBeGreaterThanOrEqual(harness.journal.exchanges(name).length);
      }
      for (const protocol of PROTOCOLS[name as keyof typeof PROTOCOLS]) expect(seen).toContain(protocol);
    },
  );

  describe("of TLS", () => {
    let harness: Harness<"https">;
    beforeAll(async () => {
      harness = await start({ services: ["https"] });
    });
    afterAll(() => harness.stop());

    /** What a server says to a GET, or to a POST of so many octets. */
    async function ask(version: SecureVersion, path: string, octets = 0): Promise<string> {
      const { host, port } = harness.endpoint("https");
      const tls = { ca: harness.ca.pem, servername: "localhost", minVersion: version, maxVersion: version };
      const asked = request({ host, port, path, method: octets > 0 ? "POST" : "GET", agent: false, ...tls });
      asked.end(Buffer.alloc(octets, "x"));
      const [response] = await once(asked, "response");
      return text(response);
    }

    it.each<[SecureVersion, string]>([
      ["TLSv1.2", "0x0303"],
      ["TLSv1.3", "0x0304"],
    ])("sees what is inside %s", async (version, number) => {
      const file = join(folder, `${version}.pcapng`);
      using capture = harness.capture(file);
      expect(await ask(version, "/pub/hello.txt")).toBe("Hello from example.test.\n");
      expect(await ask(version, "/pub/1MiB.txt")).toHaveLength(1024 * 1024);
      expect(await ask(version, "/post", 300_000)).toContain("base64,eHh4");
      await ended(harness);
      capture.close();
      expect(await packets(file, `${UNSOUND} || ${MALFORMED}`)).toEqual([]);
      expect(await fields(file, "tls.handshake.type == 2", "tls.handshake.extensions.supported_version")).toEqual(
        version === "TLSv1.3" ? [number, number, number] : [],
      );
      expect(await fields(file, "http.request", "http.request.method", "http.request.uri")).toEqual([
        "GET\t/pub/hello.txt",
        "GET\t/pub/1MiB.txt",
        "POST\t/post",
      ]);
      expect(await fields(file, "http.response", "http.response.code", "http.content_length")).toEqual([
        "200\t25",
        "200\t1048576",
        expect.stringMatching(/^200\t4\d+$/),
      ]);
      expect(
        await fields(file, 'tls && frame.comment contains "https GET /pub/hello.txt"', "http.response.code"),
      ).toEqual(["200"]);
    });

    it("sees a client that does not trust us go, and one that breaks off", async () => {
      harness.reset();
      const file = join(folder, "broken.pcapng");
      using capture = harness.capture(file);
      const { host, port } = harness.endpoint("https");
      const distrustful = connect({ host, port, servername: "localhost" });
      await once(distrustful, "error");
      await harness.journal.waitFor({ event: "tls-failed" });
      const below = connectTcp({ host, port });
      const trusting = connect({ socket: below, ca: harness.ca.pem, servername: "localhost" });
      trusting.on("error", () => undefined);
      await once(trusting, "secureConnect");
      trusting.write("GET /pub/hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await once(trusting, "data");
      below.resetAndDestroy();
      const { session } = await harness.journal.waitFor({
        kind: "close",
        where: ({ session: one }) => one.tls !== undefined,
      });
      capture.close();
      expect(harness.journal.find({ session: session.id, kind: "close" })).toMatchObject([{ how: "reset" }]);
      expect(await packets(file, `${UNSOUND} || ${MALFORMED}`)).toEqual([]);
      const failed = 'frame.comment contains "https tls-failed"';
      expect(await fields(file, failed, "tcp.stream")).toEqual(["0"]);
      expect(await fields(file, "tcp.flags.reset == 1", "frame.packet_flags_direction")).toEqual(["0x00000001"]);
      expect(await fields(file, "http.response", "http.response.code")).toEqual(["200"]);
    });

    it("sees what was inside, where nobody recorded the records", async () => {
      harness.reset();
      await ask("TLSv1.3", "/pub/hello.txt");
      await ended(harness);
      const file = join(folder, "inside.pcapng");
      writeFileSync(file, harness.export("pcapng"));
      expect(await packets(file, `${UNSOUND} || ${MALFORMED}`)).toEqual([]);
      expect(await fields(file, "http.response", "http.response.code", "tcp.srcport")).toEqual(["200\t80"]);
    });
  });

  it("sees real clients of every service at once, and rules", SLOW, async () => {
    await using harness = await start();
    const file = join(folder, "all.pcapng");
    using capture = harness.capture(file);
    const connected = async (name: ServiceName) => {
      const { host, port } = harness.endpoint(name);
      return TestSocket.connect(host, port);
    };
    harness.smtp.stub({ when: { command: "RCPT" }, fault: "reset" });
    const smtp = await connected("smtp");
    const http = await connected("http");
    smtp.socket.write("EHLO me\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n");
    http.socket.write("GET /pub/1MiB.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await harness.journal.waitFor({ service: "smtp", kind: "close" });
    await harness.journal.waitFor({ service: "http", kind: "exchange" });
    http.socket.resetAndDestroy();
    await harness.journal.waitFor({ service: "http", kind: "close" });
    const chargen = await connected("chargen");
    await harness.journal.waitFor({ service: "chargen", kind: "sent" });
    chargen.socket.destroy();
    await harness.journal.waitFor({ service: "chargen", kind: "close" });
    const bare = await connected("ssh");
    bare.socket.end();
    await harness.journal.waitFor({ service: "ssh", kind: "close" });
    capture.close();
    expect(await packets(file, `${UNSOUND} || ${MALFORMED}`)).toEqual([]);
    expect((await fields(file, "chargen", "frame.number")).length).toBeGreaterThan(0);
    const resets = await fields(file, "tcp.flags.reset == 1 && !(tcp.port == 19)", "tcp.srcport", "tcp.dstport");
    expect(resets).toEqual([expect.stringMatching(/^25\t/), expect.stringMatching(/\t80$/)]);
    expect(
      await fields(file, "tcp.flags.syn == 1 && tcp.flags.ack == 0", "tcp.dstport", "tcp.options.mss_val"),
    ).toEqual(["25\t1460", "80\t1460", "19\t1460", "22\t1460"]);
  });

  it("reads a capture that is still being written", SLOW, async () => {
    await using harness = await start({ services: ["echo"] });
    const file = join(folder, "growing.pcapng");
    using capture = harness.capture(file);
    const { host, port } = harness.endpoint("echo", { transport: "tcp" });
    const client = await TestSocket.connect(host, port);
    for (const word of ["one", "two", "three"]) {
      client.socket.write(word);
      await harness.journal.waitFor({ kind: "sent", text: word });
      // What is recorded in one turn is written at its end.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      const said = await fields(file, "echo.response", "echo.data");
      expect(Buffer.from(said.at(-1) ?? "", "hex").toString()).toBe(word);
    }
    client.socket.destroy();
    await ended(harness);
    expect(capture.format).toBe("pcapng");
  });
});
