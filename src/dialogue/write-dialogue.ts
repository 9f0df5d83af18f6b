import type { Entry } from "../journal/entry.ts";
import { toLatin1 } from "../wire/bytes.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;

/**
 * A session's entries, or those of datagrams, as a dialogue file, which replays to the octet.
 *
 * Octets are written as they were cut by the network, but lines that were cut in two are joined again.
 */
export function writeDialogue(
  entries: readonly Entry[],
  options: { readonly service: string; readonly options?: object },
): string {
  const lines = [`service: ${options.service}`];
  const [first] = entries;
  if (first?.session.transport === "udp") lines.push("transport: udp");
  if (options.options && Object.keys(options.options).length > 0)
    lines.push(`options: ${JSON.stringify(options.options)}`);
  if (first) lines.push(`clock: ${new Date(first.time).toISOString()}`);
  lines.push("");
  let time = first?.time ?? 0;
  const runs = joined(entries);
  for (const { entry, octets } of runs) {
    if (entry.time > time) lines.push(`~ ${entry.time - time}ms`);
    time = entry.time;
    const data = "channel" in entry && entry.channel !== undefined;
    switch (entry.kind) {
      case "received":
        lines.push(...printOctets(data ? "CD" : "C", octets));
        break;
      case "sent":
        lines.push(...printOctets(data ? "SD" : "S", octets));
        break;
      case "channel":
        lines.push(`CD@ ${entry.local.port}`);
        break;
      case "exchange":
        if (entry.datagram) lines.push(...printDatagrams(entry.datagram));
        break;
      case "end":
        lines.push(entry.by === "peer" ? `C${data ? "D" : ""}.` : `S${data ? "D" : ""}.`);
        break;
      default:
        break;
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Neighbours of one direction and channel become one. */
function joined(entries: readonly Entry[]): { entry: Entry; octets: string }[] {
  const runs: { entry: Entry; octets: string }[] = [];
  for (const entry of entries) {
    if (entry.kind === "note" || entry.kind === "open") continue;
    if (entry.kind === "exchange" && !entry.datagram) continue;
    const octets = entry.kind === "received" || entry.kind === "sent" ? toLatin1(entry.bytes) : "";
    const last = runs.at(-1);
    const same =
      last?.entry.kind === entry.kind &&
      (entry.kind === "received" || entry.kind === "sent") &&
      (last.entry as { channel?: string }).channel === entry.channel &&
      last.entry.time === entry.time;
    if (same && last) last.octets += octets;
    else runs.push({ entry, octets });
  }
  return runs;
}

/** Each on a line of its own, for a line is a datagram. */
function printDatagrams({ received, sent }: NonNullable<Exchange["datagram"]>): string[] {
  const line = (octets: Uint8Array) => toLatin1(octets).replace(UNPRINTABLE, escapeChar);
  return [`C| ${line(received)}`, ...(sent ? [`S| ${line(sent)}`] : [])];
}

function printOctets(who: string, octets: string): string[] {
  return (octets.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    const whole = line.endsWith("\r\n");
    const text = (whole ? line.slice(0, -2) : line).replace(UNPRINTABLE, escapeChar);
    return `${who}${whole ? ":" : "|"} ${text}`;
  });
}

const UNPRINTABLE = /[^\x20-\x7e]|[\\{]/g;

function escapeChar(char: string): string {
  if (char === "\r") return "\\r";
  if (char === "\n") return "\\n";
  if (char === "\\" || char === "{") return `\\${char}`;
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
