import type { Notation } from "../contract/service.ts";
import type { Entry } from "../journal/entry.ts";
import { plainFields } from "../journal/plain.ts";
import { concat, fromLatin1, toLatin1 } from "../wire/bytes.ts";
import { PortNames } from "./port-names.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;

export interface WriteOptions {
  readonly service: string;
  /** The service's own options, where they are not its defaults. */
  readonly options?: object;
  /** Writes messages as text where that text says all of them. */
  readonly notation?: Notation | undefined;
  /** Says in comments what a dialogue has no lines for: notes, and how the session ended. */
  readonly notes?: boolean;
}

/**
 * A session's entries, or those of datagrams, as a dialogue file, which replays to the octet.
 *
 * Octets are written as they were cut by the network, but lines that were cut in two are joined again. Ports of data
 * connections get names, for they are others each time.
 */
export function writeDialogue(entries: readonly Entry[], options: WriteOptions): string {
  const lines = [`service: ${options.service}`];
  const [first] = entries;
  if (first?.session.transport === "udp") lines.push("transport: udp");
  if (options.options && Object.keys(options.options).length > 0)
    lines.push(`options: ${JSON.stringify(options.options)}`);
  if (first) lines.push(`clock: ${new Date(first.time).toISOString()}`);
  lines.push("");
  const ports = new PortNames();
  let time = first?.time ?? 0;
  let hasEnded = false;
  for (const { entry, octets } of joined(entries, options.notes ?? false)) {
    if (entry.time > time) lines.push(`~ ${entry.time - time}ms`);
    time = entry.time;
    const data = "channel" in entry && entry.channel !== undefined;
    switch (entry.kind) {
      case "received":
        lines.push(...(printMessages("C", octets, options.notation) ?? printOctets(data ? "CD" : "C", octets)));
        break;
      case "sent": {
        const messages = printMessages("S", octets, options.notation);
        const printed = messages ?? printOctets(data ? "SD" : "S", octets);
        lines.push(...(data ? printed : printed.map((line) => ports.name(line))));
        break;
      }
      case "channel":
        lines.push(`CD@ ${ports.of(entry.local.port)}`);
        break;
      case "exchange":
        if (entry.datagram) lines.push(...printDatagrams(entry.datagram, options.notation));
        break;
      case "end":
        if (entry.by === "service" && !data) hasEnded = true;
        lines.push(entry.by === "peer" ? `C${data ? "D" : ""}.` : `S${data ? "D" : ""}.`);
        break;
      case "note":
        if (entry.event === "tls-failed") hasEnded = true;
        lines.push(`# ${entry.event} ${JSON.stringify(plainFields(entry.detail))}`);
        break;
      case "close":
        // A service that closes otherwise says so by its `end`.
        if (entry.how === "service" && !hasEnded) lines.push("S!");
        if (options.notes) lines.push(`# closed: ${entry.how}${entry.error === undefined ? "" : ` (${entry.error})`}`);
        break;
      default:
        break;
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Neighbours of one direction and channel become one. */
function joined(entries: readonly Entry[], withNotes: boolean): { entry: Entry; octets: string }[] {
  const runs: { entry: Entry; octets: string }[] = [];
  for (const entry of entries) {
    if (entry.kind === "open" || (entry.kind === "note" && !withNotes)) continue;
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
function printDatagrams({ received, sent }: NonNullable<Exchange["datagram"]>, notation?: Notation): string[] {
  const line = (octets: Uint8Array) => toLatin1(octets).replace(UNPRINTABLE, escapeChar);
  const request = (notation && printMessage("C", received, notation)) ?? [`C| ${line(received)}`];
  const answer = sent && ((notation && printMessage("S", sent, notation)) ?? [`S| ${line(sent)}`]);
  // A blank line, for lines that stand together are one message.
  return answer ? [...request, ...answer, ...(notation ? [""] : [])] : request;
}

/** Whole messages of a stream, or `undefined` if they are not all that there is. */
function printMessages(who: "C" | "S", octets: string, notation: Notation | undefined): string[] | undefined {
  const { frame, unframe } = notation ?? {};
  if (!notation || !frame || !unframe) return undefined;
  const bytes = fromLatin1(octets);
  const messages = unframe(bytes);
  if (messages.length === 0 || toLatin1(concat(messages.map((message) => frame(message)))) !== octets) return undefined;
  const printed = messages.map((message) => printMessage(who, message, notation));
  if (printed.some((lines) => !lines)) return undefined;
  return printed.flatMap((lines) => [...(lines ?? []), ...(who === "S" ? [""] : [])]);
}

/** `undefined` if the text does not say all of the message. */
function printMessage(who: "C" | "S", message: Uint8Array, notation: Notation): string[] | undefined {
  const text = notation.write(message).trimEnd();
  const lines = text.split("\n");
  if (text === "" || lines.some((line) => line.trim() === "" || line.includes("{*}"))) return undefined;
  if (who === "C" && (lines.length > 1 || toLatin1(notation.read(text)) !== toLatin1(message))) return undefined;
  return lines.map((line) => `${who}= ${line}`);
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
