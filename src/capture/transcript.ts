import type { Service } from "../contract/service.ts";
import { writeDialogue } from "../dialogue/write-dialogue.ts";
import type { Entry, SessionRecord } from "../journal/entry.ts";

/** What is to be known of a service for its transcripts. */
export interface Transcribed {
  readonly notation?: Service["notation"];
  /** Options that are not its defaults, by the instance's name. */
  readonly options?: object;
}

export interface TranscriptOptions {
  /** By the instance's name. */
  readonly of?: (session: SessionRecord) => Transcribed | undefined;
  /** Of one session; what is beyond is counted. All of them unless said otherwise. */
  readonly maxLines?: number;
  /** Leaves out the lines that say how much time passed. */
  readonly withoutTimes?: boolean;
}

/**
 * Sessions as dialogues, in the order in which they began, each under a line that says whose it is. Datagrams of one peer
 * are one dialogue.
 */
export function transcriptOf(entries: Iterable<Entry>, options: TranscriptOptions = {}): string {
  const sessions = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry.session);
    const known = sessions.get(key);
    if (known) known.push(entry);
    else sessions.set(key, [entry]);
  }
  return [...sessions.values()].map((session) => sessionTranscript(session, options)).join("\n");
}

/** The dialogue of one session. */
export function sessionTranscript(entries: readonly Entry[], options: TranscriptOptions): string {
  const session = entries[0]?.session;
  if (!session) return "";
  const { notation, options: own } = options.of?.(session) ?? {};
  const text = writeDialogue(entries, {
    service: session.service,
    ...(own ? { options: own } : {}),
    notation,
    notes: true,
  });
  return `${heading(entries, session)}\n${limited(text, options)}`;
}

/** Entries of one key are one dialogue. */
export function keyOf({ id, name, transport, peer, local }: SessionRecord): string {
  return transport === "tcp" ? `${id}` : `${name} ${peer.address} ${peer.port} ${local.address} ${local.port}`;
}

function heading(entries: readonly Entry[], { id, name, transport, local, peer }: SessionRecord): string {
  const what = transport === "tcp" ? `session ${id}` : "datagrams";
  const isForgotten = transport === "tcp" && entries[0]?.kind !== "open";
  const rest = isForgotten ? "; the journal has forgotten how it began" : "";
  return `# ${name} ${what}: ${peer.address} port ${peer.port} to ${local.address} port ${local.port}${rest}`;
}

function limited(
  text: string,
  { maxLines = Number.POSITIVE_INFINITY, withoutTimes = false }: TranscriptOptions,
): string {
  const lines = text.split("\n").slice(0, -1);
  const kept = withoutTimes ? lines.filter((line) => !/^~ \d+ms$/.test(line)) : lines;
  if (kept.length <= maxLines) return `${kept.join("\n")}\n`;
  return `${kept.slice(0, maxLines).join("\n")}\n# ${kept.length - maxLines} more lines\n`;
}
