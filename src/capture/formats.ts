import { extname } from "node:path";
import { PortwrightError } from "../errors.ts";
import type { Entry, SessionRecord } from "../journal/entry.ts";
import type { TlsWire } from "../transport/tls-wire.ts";
import { fromUtf8 } from "../wire/bytes.ts";
import { HAR_HEAD, HAR_TAIL, HarEntries, type Show } from "./har.ts";
import { jsonLine } from "./json-lines.ts";
import { PcapngWriter } from "./pcapng/pcapng-writer.ts";
import type { PortsShown } from "./pcapng/ports-shown.ts";
import { sessionTranscript, type TranscriptOptions } from "./transcript.ts";

/** The forms in which a journal can be kept, each with the ending of its files. */
export const CAPTURE_FORMATS = { pcapng: ".pcapng", har: ".har", jsonl: ".jsonl", dialogue: ".txt" } as const;

export type CaptureFormat = keyof typeof CAPTURE_FORMATS;

/** The form that a file's ending says. Throws `USAGE` if it says none. */
export function formatOf(path: string): CaptureFormat {
  const ending = extname(path).toLowerCase();
  for (const [format, wanted] of Object.entries(CAPTURE_FORMATS)) {
    if (ending === wanted) return format as CaptureFormat;
  }
  const endings = Object.values(CAPTURE_FORMATS).join(", ");
  throw new PortwrightError("USAGE", `a capture's name ends in ${endings}, which says its form`, { place: path });
}

/** Throws `USAGE` for what is no form. */
export function refuseUnknownFormat(format: string): void {
  if (Object.hasOwn(CAPTURE_FORMATS, format)) return;
  const known = Object.keys(CAPTURE_FORMATS).join(", ");
  throw new PortwrightError("USAGE", `no such form ${JSON.stringify(format)}; there are ${known}`);
}

/** Where a form is written to. */
export interface Output {
  append(octets: Uint8Array): void;
  /** What stands behind everything appended so far, and gives way to what comes next. */
  setTail(octets: Uint8Array): void;
  /** Something waits to be handed out by `flush`. */
  changed(): void;
}

/** What a form must know beside the entries. */
export interface Surroundings {
  readonly show: Show;
  readonly ports: PortsShown;
  readonly transcripts: TranscriptOptions;
  /** Everything that the journal still has of a session. */
  sessionEntries(session: SessionRecord): readonly Entry[];
}

/** Writes what happens in one form, as it happens. */
export interface Recorder {
  entry(entry: Entry): void;
  /** A TLS connection that begins: the form takes its records. */
  wire?(record: Pick<SessionRecord, "service" | "local" | "peer">, now: () => number): TlsWire;
  /** Hands out what was held back. */
  flush?(): void;
  /** Nothing more will happen. */
  end?(): void;
}

/** A recorder for a form. */
export function makeRecorder(format: CaptureFormat, output: Output, around: Surroundings): Recorder {
  switch (format) {
    case "pcapng":
      return new PcapngWriter({
        write: (block) => output.append(block),
        changed: () => output.changed(),
        ports: around.ports,
      });
    case "har":
      return harRecorder(output, around.show);
    case "jsonl":
      return { entry: (entry) => output.append(fromUtf8(jsonLine(entry))) };
    case "dialogue":
      return dialogueRecorder(output, around);
  }
}

function harRecorder(output: Output, show: Show): Recorder {
  const entries = new HarEntries(show);
  let count = 0;
  output.append(fromUtf8(HAR_HEAD));
  output.setTail(fromUtf8(HAR_TAIL));
  return {
    entry: (entry) => {
      const text = entries.entry(entry);
      if (text === undefined) return;
      output.append(fromUtf8(`${count === 0 ? "\n" : ",\n"}${text}`));
      count += 1;
    },
  };
}

/** Each session is written when it is over, from what the journal has of it then. */
function dialogueRecorder(output: Output, { sessionEntries, transcripts }: Surroundings): Recorder {
  const open = new Map<number, SessionRecord>();
  let isFirst = true;
  const write = (entries: readonly Entry[]) => {
    output.append(fromUtf8(`${isFirst ? "" : "\n"}${sessionTranscript(entries, transcripts)}`));
    isFirst = false;
  };
  return {
    entry: (entry) => {
      const { session } = entry;
      if (session.transport === "udp") {
        if (entry.kind === "exchange") write([entry]);
        return;
      }
      if (entry.kind === "open") open.set(session.id, session);
      if (entry.kind !== "close") return;
      open.delete(session.id);
      write(sessionEntries(session));
    },
    end: () => {
      for (const session of open.values()) {
        const entries = sessionEntries(session);
        if (entries.length > 0) write(entries);
      }
    },
  };
}
