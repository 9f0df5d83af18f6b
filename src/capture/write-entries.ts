import * as v from "valibot";
import type { Service } from "../contract/service.ts";
import type { Entry, SessionRecord } from "../journal/entry.ts";
import { withoutSecrets } from "../journal/print.ts";
import type { Query } from "../journal/query.ts";
import { concat, toUtf8 } from "../wire/bytes.ts";
import { type CaptureFormat, makeRecorder, refuseUnknownFormat, type Surroundings } from "./formats.ts";
import { type Transcribed, transcriptOf } from "./transcript.ts";

/** A service whose entries are written, and what it was started with. */
export interface WrittenInstance {
  readonly name: string;
  readonly service: Service;
  readonly options: unknown;
}

/** What of a query an export takes. */
const SELECTIONS = ["service", "name", "session", "after", "since", "until", "where"] as const;
type Selection = (typeof SELECTIONS)[number];

/** How entries are written. */
export interface WriteOptions {
  /** HAR: with the values of fields that a service declares secret, such as `authorization`; they are left out otherwise. */
  readonly secrets?: boolean;
  /**
   * pcapng: `well-known` shows each service at its IANA port, by which Wireshark knows the protocol, and says in a comment
   * where it really was; `actual` leaves ports as they were.
   */
  readonly ports?: "well-known" | "actual";
  /** Dialogues: without the lines that say how much time passed. */
  readonly withoutTimes?: boolean;
  /** Dialogues: no more lines of one session than this. */
  readonly maxLines?: number;
}

/** Which part of the journal, and how. */
export interface ExportOptions extends WriteOptions, Pick<Query, Selection> {}

/** Entries in one of the forms, in one piece: octets for pcapng, text for all others. */
export function writeEntries(
  entries: readonly Entry[],
  format: CaptureFormat,
  options: WriteOptions,
  instances: readonly WrittenInstance[],
): Uint8Array | string {
  refuseUnknownFormat(format);
  const surroundings = surroundingsOf(instances, options, ({ id }) =>
    entries.filter(({ session }) => session.id === id),
  );
  if (format === "dialogue") return transcriptOf(entries, surroundings.transcripts);
  const parts: Uint8Array[] = [];
  let tail: Uint8Array | undefined;
  const recorder = makeRecorder(
    format,
    {
      append: (octets) => parts.push(octets),
      setTail: (octets) => {
        tail = octets;
      },
      changed: () => undefined,
    },
    surroundings,
  );
  for (const entry of entries) recorder.entry(entry);
  recorder.flush?.();
  const whole = concat(tail ? [...parts, tail] : parts);
  return format === "pcapng" ? whole : toUtf8(whole);
}

/** What the forms must know beside the entries. */
export function surroundingsOf(
  instances: readonly WrittenInstance[],
  { secrets, ports, withoutTimes, maxLines }: WriteOptions,
  sessionEntries: (session: SessionRecord) => readonly Entry[],
): Surroundings {
  const services = new Map(instances.map(({ service }) => [service.name, service]));
  const transcribed = new Map<string, Transcribed | undefined>();
  const transcribe = (name: string) => {
    const instance = instances.find((one) => one.name === name);
    return instance && transcribedOf(instance);
  };
  return {
    show: (fields, side, service) => (secrets ? fields : withoutSecrets(fields, services.get(service)?.[side] ?? {})),
    ports: (service) => (ports === "actual" ? undefined : services.get(service)?.port),
    transcripts: {
      of: ({ name }) => {
        if (!transcribed.has(name)) transcribed.set(name, transcribe(name));
        return transcribed.get(name);
      },
      ...(withoutTimes === undefined ? {} : { withoutTimes }),
      ...(maxLines === undefined ? {} : { maxLines }),
    },
    sessionEntries,
  };
}

/** The query that an export's options are. */
export function queryOf(options: ExportOptions): Query {
  return Object.fromEntries(SELECTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

/** Options that are not the defaults, for a dialogue that is to be replayed. */
function transcribedOf({ service, options }: WrittenInstance): Transcribed {
  const defaults = v.safeParse(service.options, {});
  const usual = (defaults.success ? defaults.output : {}) as { readonly [option: string]: unknown };
  const own = Object.entries(options ?? {}).filter(([name, value]) => {
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(usual[name]);
  });
  return { notation: service.notation, options: Object.fromEntries(own) };
}
