import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { services } from "../../services/registry.ts";
import { start } from "../../src/index.ts";
import { succeed, witness } from "./clients.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Nmap waits five seconds for each of its probes that a service does not answer. */
const SCAN_MS = 150_000;

/** What nmap makes of each well-known port: the service's name; "?" is its own word for a guess by the number. */
const NAMED: { readonly [port: number]: string } = {
  7: "echo",
  13: "daytime",
  17: "qotd?",
  19: "chargen",
  21: "ftp",
  22: "ssh",
  25: "smtp",
  37: "time",
  53: "domain",
  80: "http",
  443: "ssl|https",
  853: "ssl|domain",
};

/** What nmap knows by what is said alone, on whatever port. */
const TELLING = {
  echo: "echo",
  daytime: "daytime",
  chargen: "chargen",
  ftp: "ftp",
  ssh: "ssh",
  smtp: "smtp",
  time: "time",
  dns: "domain",
} as const;

/** The ports that nmap found open, and what it called them. */
async function scan(inside: readonly string[], args: readonly string[]): Promise<{ [port: string]: string }> {
  const [command = "nmap", ...rest] = [...inside, "nmap", "-Pn", "-n", "-oG", "-", ...args];
  const { stdout } = await succeed(command, rest, { timeoutMs: SCAN_MS });
  const ports = /Ports: ([^\t\n]*)/.exec(stdout)?.[1]?.split(", ") ?? [];
  return Object.fromEntries(
    ports
      .map((port) => port.split("/"))
      .filter(([, state]) => state === "open")
      .map(([port, , , , name]) => [port, name]),
  );
}

const PORTWRIGHT = [process.execPath, "--import", "tsx", "src/cli/main.ts"];

/** Makes a network of our own, in which every well-known port is free; needs root or a user namespace. */
const UNSHARE = ["--net", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
const hasNetwork = spawnSync("unshare", [...UNSHARE, "ip", "link", "set", "lo", "up"]).status === 0;
if (!hasNetwork)
  process.stderr.write("witness skipped: nmap on well-known ports, for this system lets us have no network\n");

/** The command line's harness on the well-known ports of such a network, and how to run a command inside. */
async function wellKnown() {
  const folder = mkdtempSync(join(tmpdir(), "nmap-witness-"));
  const files = ["--port-file", join(folder, "ports.json"), "--ca-file", join(folder, "ca.pem")];
  const up = [...PORTWRIGHT, "up", "--ports", "well-known", "--strict", "--json", ...files];
  const server = spawn("unshare", [...UNSHARE, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...up], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [ready] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  expect(JSON.parse(ready)).toMatchObject({ event: "ready" });
  const user = UNSHARE.length > 1 ? ["--user", "--preserve-credentials"] : [];
  return {
    folder,
    inside: ["nsenter", "--target", String(server.pid), "--net", ...user, "--"] as const,
    async [Symbol.asyncDispose]() {
      server.kill("SIGINT");
      await once(server, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

witness("nmap", () => {
  // Both mostly wait: they do so at the same time.
  it.skipIf(!hasNetwork).concurrent(
    "names every service rightly on its well-known port, over IPv4, IPv6 and UDP, and then every one still answers",
    async () => {
      await using network = await wellKnown();
      const ports = Object.keys(NAMED).join(",");
      const scans = await Promise.all([
        scan(network.inside, ["-sV", "-p", ports, "127.0.0.1"]),
        scan(network.inside, ["-6", "-sV", "-p", ports, "::1"]),
        scan(network.inside, ["-sU", "-sV", "-p", "7,37,53", "127.0.0.1"]),
        // It says nothing: nmap would try every probe it knows, for minutes.
        scan(network.inside, ["-p", "9", "127.0.0.1"]),
      ]);
      expect(scans).toEqual([NAMED, NAMED, { 7: "echo", 37: "time", 53: "domain" }, { 9: "discard" }]);
      expect(new Set([...Object.keys(NAMED), "9"].map(Number))).toEqual(
        new Set(Object.values(services).map(({ port }) => port)),
      );
      const [nsenter, ...rest] = network.inside;
      await succeed(nsenter, [...rest, ...PORTWRIGHT, "check", join(network.folder, "ports.json")], { cwd: ROOT });
    },
    SCAN_MS,
  );

  it.concurrent(
    "names those that tell by what they say on any port",
    async () => {
      const names = Object.keys(TELLING) as (keyof typeof TELLING)[];
      await using harness = await start({ services: names });
      const wanted = Object.fromEntries(names.map((name) => [harness.endpoint(name).port, TELLING[name]]));
      const found = await scan([], ["-sV", "-p", Object.keys(wanted).join(","), "127.0.0.1"]);
      expect(found).toEqual(wanted);
      expect(harness.journal.find({ event: "crash" })).toEqual([]);
    },
    SCAN_MS,
  );
});
