/**
 * The journal as JSON Lines: an entry on each line, with the names of the type `Entry`. Octets are `{"$text": "EHLO x\r\n"}`
 * where all of them are printable ASCII, CR, LF or tabs, otherwise `{"$base64": "AAEC"}`; a name that begins with `$` of
 * itself has one more of them.
 */
import { PortwrightError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import { asBuffer, fromBase64, fromLatin1, toBase64, toLatin1 } from "../wire/bytes.ts";

const READABLE = /^[\x20-\x7e\r\n\t]*$/;
const KINDS: { readonly [K in Entry["kind"]]: true } = {
  open: true,
  received: true,
  sent: true,
  exchange: true,
  note: true,
  channel: true,
  end: true,
  close: true,
};

/** An entry as a line, with its line end. */
export function jsonLine(entry: Entry): string {
  // How much it counts in the journal's bound is nobody else's business.
  return `${JSON.stringify(encode("weight" in entry ? { ...entry, weight: undefined } : entry))}\n`;
}

/** The entries of such lines. Throws `JOURNAL_MALFORMED` with the number of the line. */
export function readJsonLines(text: string, source = "journal"): Entry[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const malformed = (problem: string, cause?: unknown) =>
      new PortwrightError("JOURNAL_MALFORMED", problem, { place: `${source}:${index + 1}`, cause });
    let value: unknown;
    try {
      value = decode(JSON.parse(line));
    } catch (cause) {
      throw malformed((cause as Error).message, cause);
    }
    if (!isEntry(value)) throw malformed("this is no entry of a journal");
    return [value];
  });
}

function encode(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    const text = toLatin1(value);
    return READABLE.test(text) ? { $text: text } : { $base64: toBase64(value) };
  }
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== "object" || value === null) return value;
  const named: { [name: string]: unknown } = {};
  for (const name in value) {
    const inner = (value as { readonly [name: string]: unknown })[name];
    if (inner !== undefined) define(named, name.startsWith("$") ? `$${name}` : name, encode(inner));
  }
  return named;
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only?.[0] === "$text") return asBuffer(fromLatin1(String(only[1])));
  if (only?.[0] === "$base64") {
    const octets = fromBase64(String(only[1]));
    if (!octets) throw new TypeError(`$base64: ${JSON.stringify(only[1])} is not base64`);
    return asBuffer(octets);
  }
  const named: { [name: string]: unknown } = {};
  for (const [name, inner] of entries) define(named, name.startsWith("$$") ? name.slice(1) : name, decode(inner));
  return named;
}

/** `__proto__` is a name like any other. */
function define(named: object, name: string, value: unknown): void {
  Object.defineProperty(named, name, { value, enumerable: true, configurable: true, writable: true });
}

function isEntry(value: unknown): value is Entry {
  const { seq, time, kind, session } = (value ?? {}) as { readonly [name: string]: unknown };
  const { service, name, transport, local, peer } = (session ?? {}) as { readonly [name: string]: unknown };
  return (
    typeof seq === "number" &&
    typeof time === "number" &&
    typeof kind === "string" &&
    Object.hasOwn(KINDS, kind) &&
    typeof service === "string" &&
    typeof name === "string" &&
    (transport === "tcp" || transport === "udp") &&
    isEndpoint(local) &&
    isEndpoint(peer)
  );
}

function isEndpoint(value: unknown): boolean {
  const { address, port } = (value ?? {}) as { readonly [name: string]: unknown };
  return typeof address === "string" && typeof port === "number";
}
