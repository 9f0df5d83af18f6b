import { canonicalAddress } from "./addresses.ts";
import type { HeldSocket } from "./held-socket.ts";

/**
 * Reads what `netstat -ano` prints on Windows. The words of its header and states depend on the system's language, so
 * a listener is known by its foreign address, which has port 0.
 */
export function parseNetstat(text: string): HeldSocket[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [protocol, local = "", foreign = "", ...rest] = line.trim().split(/\s+/);
    const transport = protocol?.toLowerCase();
    if (transport !== "tcp" && transport !== "udp") return [];
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(local) ?? [];
    const address = canonicalAddress(host);
    if (address === undefined) return [];
    const listening = transport === "udp" || foreign.endsWith(":0");
    const state = listening ? ("listening" as const) : ("connected" as const);
    return [{ transport, address, port: Number(port), state, pid: Number(rest.at(-1)) }];
  });
}

/** Reads the program and user of one process from `tasklist /FO CSV /NH /V`; a process that is gone leaves no such line. */
export function parseTask(text: string): { command: string; user?: string } | undefined {
  const line = text.split(/\r?\n/).find((candidate) => candidate.startsWith('"'));
  const cells = line?.slice(1, -1).split('","');
  const command = cells?.[0];
  if (command === undefined) return undefined;
  // Columns: image, pid, session, session number, memory, status, user, CPU time, title.
  const user = cells?.[6];
  return user === undefined || user === "N/A" ? { command } : { command, user };
}
