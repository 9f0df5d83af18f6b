import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { query } from "../../services/dns/world.ts";

const TRIES = 200;
const TRY_MS = 50;

/** A running name server that is not ours. */
export interface OtherServer extends AsyncDisposable {
  readonly port: number;
}

type Configure = (
  folder: string,
  port: number,
  zones: readonly string[],
) => { readonly conf: string; readonly command: readonly string[] };

/** NSD, which answers with as little as it may. */
const nsd: Configure = (folder, port, zones) => ({
  conf: `server:
  ip-address: 127.0.0.1@${port}
  port: ${port}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  zonelistfile: "${folder}/zone.list"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${zones.map((origin) => `zone:\n  name: "${origin}"\n  zonefile: "${origin}.zone"`).join("\n")}
`,
  command: ["nsd", "-d", "-c", join(folder, "server.conf")],
});

/** BIND, without recursion. */
const named: Configure = (folder, port, zones) => ({
  conf: `options {
  directory "${folder}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file "${folder}/named.pid";
  session-keyfile none;
  recursion no;
  minimal-responses yes;
  allow-query { any; };
  dnssec-validation no;
  notify no;
  managed-keys-directory "${folder}";
};
controls { };
${zones.map((origin) => `zone "${origin}" { type primary; file "${origin}.zone"; check-names ignore; };`).join("\n")}
`,
  command: ["named", "-f", "-c", join(folder, "server.conf")],
});

/** By the command that starts each. */
export const OTHERS = { nsd, named } as const;

export type OtherName = keyof typeof OTHERS;

/** Starts a server with these zones, and waits until it answers. */
export async function startOther(name: OtherName, zones: { readonly [origin: string]: string }): Promise<OtherServer> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const port = await freePort();
  const origins = Object.keys(zones);
  const { conf, command } = OTHERS[name](folder, port, origins);
  writeFileSync(join(folder, "server.conf"), conf);
  for (const [origin, text] of Object.entries(zones)) writeFileSync(join(folder, `${origin}.zone`), text);
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  if (await answers(port, `${origins[0]} SOA`, child)) return { port, [Symbol.asyncDispose]: stop };
  await stop();
  throw new Error(`${name} does not answer; it said\n${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

/** Asks again and again: a server gives no other sign of being ready. */
async function answers(port: number, question: string, child: ChildProcess): Promise<boolean> {
  const socket = createSocket("udp4");
  // A port that is closed yet.
  socket.on("error", () => undefined);
  try {
    for (let left = TRIES; left > 0 && child.exitCode === null; left -= 1) {
      socket.send(query(question), port, "127.0.0.1");
      const signal = AbortSignal.timeout(TRY_MS);
      const answer = await once(socket, "message", { signal }).catch(() => undefined);
      if (answer) return true;
    }
    return false;
  } finally {
    socket.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}
