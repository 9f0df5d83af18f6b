import type { Entry } from "../journal/entry.ts";
import { REDACTED, type Tables } from "../journal/print.ts";
import { fromLatin1, toLatin1 } from "../wire/bytes.ts";

type Octets = Extract<Entry, { kind: "received" | "sent" }>;
type Exchange = Extract<Entry, { kind: "exchange" }>;

/**
 * Entries of one session with their octets fit to be shown: the values of header fields that the service declares secret,
 * and whatever came in a request of which the journal itself has only `<redacted>`, are left out. Octets of one direction
 * that follow one another are one entry.
 */
export function withoutSecretOctets(entries: readonly Entry[], tables: Tables | undefined): readonly Entry[] {
  const headers = headerPattern(tables);
  const shown: Entry[] = [];
  /** Where the octets stand that came since the last exchange. */
  let unanswered: number[] = [];
  for (const entry of joined(entries)) {
    if (entry.kind === "received" || entry.kind === "sent") {
      if (entry.kind === "received" && entry.channel === undefined) unanswered.push(shown.length);
      shown.push(headers ? changed(entry, (text) => text.replace(headers, `$1 ${REDACTED}`)) : entry);
      continue;
    }
    if (entry.kind === "exchange") {
      const said = saidOf(entry);
      if (said) for (const at of unanswered) shown[at] = changed(shown[at] as Octets, (text) => hideLines(text, said));
      unanswered = [];
    }
    shown.push(entry);
  }
  return shown;
}

/** The request as it may be shown, if there is something in it that may not: its verb, and the text with `<redacted>`. */
function saidOf({ request }: Exchange): { readonly verb: string; readonly rest: string } | undefined {
  const texts = Object.values(request).filter((value) => typeof value === "string");
  const rest = texts.find((text) => text.includes(REDACTED));
  return rest === undefined ? undefined : { verb: texts[0] ?? "", rest };
}

function hideLines(text: string, { verb, rest }: { readonly verb: string; readonly rest: string }): string {
  return text.replace(/[^\r\n]+/g, (line) => {
    const isRequest = verb !== "" && line.toUpperCase().startsWith(verb.toUpperCase());
    return isRequest ? `${verb} ${rest}` : REDACTED;
  });
}

function headerPattern(tables: Tables | undefined): RegExp | undefined {
  const specs = [...Object.values(tables?.request ?? {}), ...Object.values(tables?.reply ?? {})];
  const names = [...new Set(specs.flatMap(({ secret }) => secret ?? []))];
  return names.length > 0 ? new RegExp(`^((?:${names.join("|")}):)[^\\r\\n]*`, "gim") : undefined;
}

function changed(entry: Octets, change: (text: string) => string): Octets {
  const text = toLatin1(entry.bytes);
  const after = change(text);
  return after === text ? entry : { ...entry, bytes: fromLatin1(after) };
}

function joined(entries: readonly Entry[]): readonly Entry[] {
  const all: Entry[] = [];
  for (const entry of entries) {
    const last = all.at(-1);
    const isMore =
      (entry.kind === "received" || entry.kind === "sent") &&
      last?.kind === entry.kind &&
      last.channel === entry.channel;
    if (isMore) all[all.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, entry.bytes]) };
    else all.push(entry);
  }
  return all;
}
