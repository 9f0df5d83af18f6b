import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

/** Name servers that nobody here wrote, as secondaries of the world's zone: AXFR, then IXFR after an update, both signed. */

const SECRET = Buffer.from("thirty-two octets of a real test").toString("base64");
const FIRST_SERIAL = 2_026_010_101;
const DEADLINE_MS = 20_000;

let harness: Harness<"dns">;
let primary: number;
let folder: string;

beforeAll(async () => {
  const dns = { keys: { "test-key": SECRET }, signed: ["transfer" as const] };
  harness = await start({ services: { dns }, host: "127.0.0.1" });
  primary = harness.endpoint("dns").port;
  folder = mkdtempSync(join(tmpdir(), "secondary-"));
});
afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

/** A secondary in the foreground. */
class Secondary implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = "";

  constructor(port: number, command: string, args: readonly string[]) {
    this.port = port;
    this.#process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.#process, "exit");
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on("data", (octets: Buffer) => {
        this.#output += octets.toString();
        this.#process.emit("said");
      });
  }

  /** Waits until it has said so. */
  async said(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!pattern.test(this.#output)) {
      const ended = this.#ended.then(() => Promise.reject(new Error(`it has ended; it said\n${this.#output}`)));
      await Promise.race([once(this.#process, "said", { signal }), ended]).catch((error: Error) => {
        throw new Error(`${pattern} has not come; it said\n${this.#output}`, { cause: error });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#ended;
  }
}

/** A port that is free at the moment: these servers cannot choose one. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

const ask = async (port: number, ...args: readonly string[]) =>
  (await succeed("dig", ["@127.0.0.1", "-p", String(port), "+tries=1", "+time=5", ...args])).stdout;

const transfers = () =>
  harness.journal
    .exchanges("dns")
    .filter(({ request }) => request.type === "AXFR" || request.type === "IXFR")
    .map(({ request, reply }) => [request.transport, request.type, request.key, reply.rcode, reply.tsig]);

/** What must come to pass, whichever server it is. `got` is what it says when it serves a serial. */
async function follow(secondary: Secondary, got: (serial: number) => RegExp): Promise<void> {
  await secondary.said(got(FIRST_SERIAL));
  expect(await ask(secondary.port, "+short", "kinds.example.test", "TYPE65280")).toBe("\\# 4 0A000001\n");
  const update = `server 127.0.0.1 ${primary}\nzone example.test\nadd new.example.test 5 A 192.0.2.2\ndel web.example.test AAAA\nsend\n`;
  expect(await run("nsupdate", [], { input: update })).toMatchObject({ code: 0 });
  expect(await ask(secondary.port, "+opcode=NOTIFY", "example.test", "SOA")).toContain("status: NOERROR");
  await secondary.said(got(FIRST_SERIAL + 1));
  expect(await ask(secondary.port, "+short", "new.example.test", "A")).toBe("192.0.2.2\n");
  expect(await ask(secondary.port, "+short", "web.example.test", "AAAA")).toBe("");
  const seen = transfers();
  expect(seen.every((one) => one.slice(2).join(" ") === "test-key NOERROR NOERROR")).toBe(true);
  expect(seen.filter(([transport]) => transport === "tcp").map(([, type]) => type)).toEqual(["AXFR", "IXFR"]);
  const [, incremental] = harness.journal.exchanges("dns").filter(({ reply }) => reply.messages !== undefined);
  expect(incremental?.reply.answers).toHaveLength(6);
}

const CLIENTS = isInstalled("dig", ["-v"]) && isInstalled("nsupdate", ["-V"]);

witness(
  "knotd",
  () => {
    it("follows the zone", async () => {
      await harness.reset();
      const port = await freePort();
      const path = join(folder, "knot.conf");
      writeFileSync(
        path,
        `server:
  listen: 127.0.0.1@${port}
  rundir: ${folder}
database:
  storage: ${folder}
log:
  - target: stderr
    any: info
key:
  - id: test-key
    algorithm: hmac-sha256
    secret: ${SECRET}
remote:
  - id: primary
    address: 127.0.0.1@${primary}
    key: test-key
acl:
  - id: notify
    address: 127.0.0.1
    action: notify
zone:
  - domain: example.test
    storage: ${folder}
    master: primary
    acl: notify
`,
      );
      await using secondary = new Secondary(port, "knotd", ["-c", path]);
      await follow(secondary, (serial) => new RegExp(`zone updated, .*-> ${serial}`));
    });
  },
  isInstalled("knotd") && CLIENTS,
);

witness(
  "nsd",
  () => {
    it("follows the zone", async () => {
      await harness.reset();
      const port = await freePort();
      const path = join(folder, "nsd.conf");
      writeFileSync(
        path,
        `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: ${folder}
  xfrdir: ${folder}
  xfrdfile: ${folder}/xfrd.state
  zonelistfile: ${folder}/zone.list
  pidfile: ${folder}/nsd.pid
  xfrd-reload-timeout: 0
  server-count: 1
  verbosity: 3
remote-control:
  control-enable: no
key:
  name: test-key
  algorithm: hmac-sha256
  secret: "${SECRET}"
zone:
  name: example.test
  zonefile: example.zone
  request-xfr: 127.0.0.1@${primary} test-key
  allow-notify: 127.0.0.1 NOKEY
`,
      );
      await using secondary = new Secondary(port, "nsd", ["-d", "-c", path]);
      await follow(secondary, (serial) => new RegExp(`zone example\\.test\\.? serial \\d+ is updated to ${serial}`));
    });
  },
  isInstalled("nsd", ["-v"]) && CLIENTS,
);
