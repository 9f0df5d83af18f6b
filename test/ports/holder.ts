import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A socket that another process is to hold. */
export interface HeldSpec {
  readonly transport: "tcp" | "udp";
  readonly host: string;
  /** 0: the system chooses. */
  readonly port?: number;
  readonly ipv6Only?: boolean;
  readonly reuseAddr?: boolean;
}

/** Another process that holds a port until it is let go. */
export interface Holder extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** Ends with its standard input, so that it never outlives the tests. */
const SCRIPT = `
const { transport, host, port = 0, ipv6Only = false, reuseAddr = false } = JSON.parse(process.argv[1]);
const say = (text) => process.stdout.write(text + "\\n");
process.stdin.on("end", () => process.exit()).resume();
const socket = transport === "tcp"
  ? require("node:net").createServer().listen({ host, port, ipv6Only })
  : require("node:dgram").createSocket({ type: host.includes(":") ? "udp6" : "udp4", ipv6Only, reuseAddr }).bind(port, host);
socket.on("listening", () => say(String(socket.address().port))).on("error", (error) => say(error.code));
`;

/** nobody, on every system with such a user. */
export const NOBODY = 65_534;
export const isRoot = process.geteuid?.() === 0;
export const isLinux = process.platform === "linux";

/** Starts a process that holds a port; as another user if told (which needs root). Rejects with the error's code. */
export async function hold(spec: HeldSpec, user?: number): Promise<Holder> {
  const child = spawn(process.execPath, ["-e", SCRIPT, JSON.stringify(spec)], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: "/",
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const [answer] = (await once(child.stdout, "data")) as [Buffer];
  const text = answer.toString().trim();
  if (!/^\d+$/.test(text)) {
    await letGo(child);
    throw new Error(text);
  }
  return {
    pid: child.pid as number,
    port: Number(text),
    [Symbol.asyncDispose]: () => letGo(child),
  };
}

async function letGo(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, "exit");
  child.stdin?.end();
  await gone;
}
