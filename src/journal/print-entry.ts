import type { Fields } from "../contract/machine.ts";
import type { Entry } from "./entry.ts";
import { printFields } from "./print.ts";

const SHOWN_CHARACTERS = 200;

/** An entry on one line: `#14 smtp session 2: RCPT TO:<bob@example.test> to=bob@example.test -> 250`. */
export function printEntry(entry: Entry): string {
  const { id, name, peer } = entry.session;
  const where = id > 0 ? `session ${id}` : `from ${peer.address} port ${peer.port}`;
  const text = printHappening(entry);
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return `#${entry.seq} ${name} ${where}: ${shown}`;
}

function printHappening(entry: Entry): string {
  switch (entry.kind) {
    case "exchange":
      return `${printFields(entry.request) || "a request"} -> ${printFields(entry.reply) || "no answer"}`;
    case "note":
      return `note ${entry.event}${printDetail(entry.detail)}`;
    case "received":
    case "sent":
      return `${entry.kind} ${entry.bytes.length} octets${entry.channel === undefined ? "" : ` (${entry.channel})`}`;
    case "channel":
      return `connection for ${entry.channel}`;
    case "end":
      return `no more from the ${entry.by}`;
    case "close":
      return `closed (${entry.how})${entry.error === undefined ? "" : ` ${entry.error}`}`;
    case "open":
      return "opened";
  }
}

function printDetail(detail: Fields): string {
  const parts = Object.entries(detail).map(
    ([name, value]) => printFields({ [name]: value }) && `${name}=${printFields({ [name]: value })}`,
  );
  const text = parts.filter((part) => part !== "").join(" ");
  return text === "" ? "" : ` ${text}`;
}
