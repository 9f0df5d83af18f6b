import * as v from "valibot";
import type { Clock } from "../contract/clock.ts";
import type { Endpoint } from "../contract/machine.ts";
import type { Service, Transport } from "../contract/service.ts";
import type { PortwrightError } from "../errors.ts";
import type { Entry, SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { withoutSecrets } from "../journal/print.ts";
import type { Query } from "../journal/query.ts";
import type { TlsCredentials } from "../transport/tls.ts";
import { allOf, type TlsWire, type WitnessTls } from "../transport/tls-wire.ts";
import { concat, toUtf8 } from "../wire/bytes.ts";
import { type CaptureFormat, formatOf, makeRecorder, type Recorder, type Surroundings } from "./formats.ts";
import { GrowingFile } from "./growing-file.ts";
import { type Transcribed, transcriptOf } from "./transcript.ts";

/** What of a query an export takes. */
const SELECTIONS = ["service", "name", "session", "after", "since", "until", "where"] as const;
type Selection = (typeof SELECTIONS)[number];

/** Which part of the journal, and how. */
export interface ExportOptions extends Pick<Query, Selection> {
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

export interface CaptureOptions extends Omit<ExportOptions, Exclude<Selection, "service" | "name">> {
  /** By the file's ending, unless given. */
  readonly format?: CaptureFormat;
  /** What the journal has already comes first. */
  readonly past?: boolean;
  /** Told once if writing fails while things happen; otherwise `close` throws it. */
  readonly failed?: (error: PortwrightError) => void;
}

/** A file into which everything goes that happens. */
export interface Capture extends Disposable {
  readonly path: string;
  readonly format: CaptureFormat;
  /** Ends the file. Twice is the same as once. Throws `FILE_UNWRITABLE` if something could not be written. */
  close(): void;
}

/** What captures need of a harness. */
export interface Captured {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly instances: readonly { readonly name: string; readonly service: Service; readonly options: unknown }[];
  endpoints(): readonly {
    readonly name: string;
    readonly service: string;
    readonly transport: Transport;
    readonly port: number;
  }[];
}

interface Running extends Capture {
  wire(local: Endpoint, peer: Endpoint): TlsWire | undefined;
}

/** A harness's journal as files: once, or as things happen. */
export class Captures {
  readonly #harness: Captured;
  readonly #running = new Set<Running>();

  constructor(harness: Captured) {
    this.#harness = harness;
  }

  /** What the journal has, in one piece. */
  export(format: CaptureFormat, options: ExportOptions): Uint8Array | string {
    const { journal } = this.#harness;
    const entries: Entry[] = journal.find(queryOf(options));
    if (format === "dialogue") return transcriptOf(entries, this.#surroundings(options).transcripts);
    const parts: Uint8Array[] = [];
    let tail: Uint8Array | undefined;
    const setTail = (octets: Uint8Array) => {
      tail = octets;
    };
    const recorder = makeRecorder(
      format,
      { append: (octets) => parts.push(octets), setTail },
      this.#surroundings(options),
    );
    for (const entry of entries) recorder.entry(entry);
    recorder.flush?.();
    const whole = concat(tail ? [...parts, tail] : parts);
    return format === "pcapng" ? whole : toUtf8(whole);
  }

  /** Throws `FILE_UNWRITABLE`, and `USAGE` for a file whose ending says no form. */
  start(path: string, options: CaptureOptions): Capture {
    const { journal, clock } = this.#harness;
    const format = options.format ?? formatOf(path);
    let failure: PortwrightError | undefined;
    const file = new GrowingFile(path, (error) => {
      failure = error;
      stop();
      options.failed?.(error);
    });
    const setTail = (octets: Uint8Array) => {
      file.tail = octets;
    };
    const recorder = makeRecorder(
      format,
      { append: (octets) => file.append(octets), setTail },
      this.#surroundings(options),
    );
    file.beforeWrite = () => recorder.flush?.();
    const { service, name } = options;
    const record = (entry: Entry) => {
      const { session } = entry;
      if ((service ?? session.service) !== session.service || (name ?? session.name) !== session.name) return;
      recorder.entry(entry);
      file.changed();
    };
    if (options.past) for (const entry of journal.find<Query>()) record(entry);
    file.changed();
    const forget = journal.onEntry(record);
    const stop = () => {
      forget();
      this.#running.delete(capture);
    };
    const close = () => {
      if (this.#running.has(capture)) {
        stop();
        recorder.end?.();
        file.close();
      }
      if (failure && !options.failed) throw failure;
    };
    const capture: Running = {
      path,
      format,
      close,
      [Symbol.dispose]: close,
      wire: (local, peer) => this.#wire(recorder, file, options, { local, peer }, () => clock.now()),
    };
    this.#running.add(capture);
    return capture;
  }

  /** Ends every file. Throws `FILE_UNWRITABLE` if one could not be written to its end. */
  close(): void {
    const failures: unknown[] = [];
    for (const capture of this.#running) {
      try {
        capture.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Credentials whose connections are witnessed by the captures that want to see TLS's records. */
  witnessing(credentials: TlsCredentials): TlsCredentials {
    const running = this.#running;
    const witness: WitnessTls = ({ local, peer }) => {
      const wires = [...running].flatMap((capture) => capture.wire(local, peer) ?? []);
      return wires.length > 0 ? allOf(wires) : undefined;
    };
    return {
      secureContext: (servername) => credentials.secureContext(servername),
      get witness() {
        return running.size > 0 ? witness : undefined;
      },
    };
  }

  #wire(
    recorder: Recorder,
    file: GrowingFile,
    options: CaptureOptions,
    { local, peer }: { readonly local: Endpoint; readonly peer: Endpoint },
    now: () => number,
  ): TlsWire | undefined {
    const at = this.#harness.endpoints().find(({ transport, port }) => transport === "tcp" && port === local.port);
    const isWanted = at && (options.service ?? at.service) === at.service && (options.name ?? at.name) === at.name;
    if (!isWanted) return undefined;
    const wire = recorder.wire?.({ service: at.service, local, peer }, now);
    file.changed();
    return wire;
  }

  #surroundings({ secrets, ports, withoutTimes, maxLines }: ExportOptions): Surroundings {
    const { journal, instances } = this.#harness;
    const services = new Map(instances.map(({ service }) => [service.name, service]));
    const transcribed = new Map(instances.map((instance) => [instance.name, transcribedOf(instance)]));
    return {
      show: (fields, side, service) => (secrets ? fields : withoutSecrets(fields, services.get(service)?.[side] ?? {})),
      ports: (service) => (ports === "actual" ? undefined : services.get(service)?.port),
      transcripts: {
        of: ({ name }) => transcribed.get(name),
        ...(withoutTimes === undefined ? {} : { withoutTimes }),
        ...(maxLines === undefined ? {} : { maxLines }),
      },
      sessionEntries: ({ id }: SessionRecord) => journal.find({ session: id }),
    };
  }
}

/** Options that are not the defaults, for a dialogue that is to be replayed. */
function transcribedOf({ service, options }: Captured["instances"][number]): Transcribed {
  const defaults = v.safeParse(service.options, {});
  const usual = (defaults.success ? defaults.output : {}) as { readonly [option: string]: unknown };
  const own = Object.entries(options ?? {}).filter(([name, value]) => {
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(usual[name]);
  });
  return { notation: service.notation, options: Object.fromEntries(own) };
}

function queryOf(options: ExportOptions): Query {
  return Object.fromEntries(SELECTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}
