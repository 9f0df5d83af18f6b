import type { Clock } from "../contract/clock.ts";
import type { Endpoint } from "../contract/machine.ts";
import type { Transport } from "../contract/service.ts";
import type { PortwrightError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Query } from "../journal/query.ts";
import type { TlsCredentials } from "../transport/tls.ts";
import { allOf, type TlsWire, type WitnessTls } from "../transport/tls-wire.ts";
import { type CaptureFormat, formatOf, makeRecorder, type Recorder, refuseUnknownFormat } from "./formats.ts";
import { GrowingFile } from "./growing-file.ts";
import {
  type ExportOptions,
  queryOf,
  surroundingsOf,
  type WriteOptions,
  type WrittenInstance,
  writeEntries,
} from "./write-entries.ts";

export interface CaptureOptions extends WriteOptions, Pick<Query, "service" | "name"> {
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
  readonly instances: readonly WrittenInstance[];
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
    const { journal, instances } = this.#harness;
    return writeEntries(journal.find(queryOf(options)), format, options, instances);
  }

  /** Throws `FILE_UNWRITABLE`, and `USAGE` for a file whose ending says no form. */
  start(path: string, options: CaptureOptions): Capture {
    const { journal, clock, instances } = this.#harness;
    const format = options.format ?? formatOf(path);
    refuseUnknownFormat(format);
    let failure: PortwrightError | undefined;
    const file = new GrowingFile(path, (error) => {
      failure = error;
      stop();
      options.failed?.(error);
    });
    const recorder = makeRecorder(
      format,
      {
        append: (octets) => file.append(octets),
        setTail: (octets) => {
          file.tail = octets;
        },
        changed: () => file.changed(),
      },
      surroundingsOf(instances, options, ({ id }) => journal.find({ session: id })),
    );
    file.beforeWrite = () => recorder.flush?.();
    const { service, name } = options;
    const record = (entry: Entry) => {
      const { session } = entry;
      if ((service ?? session.service) !== session.service || (name ?? session.name) !== session.name) return;
      recorder.entry(entry);
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
      wire: (local, peer) => this.#wire(recorder, options, { local, peer }, () => clock.now()),
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
    options: CaptureOptions,
    { local, peer }: { readonly local: Endpoint; readonly peer: Endpoint },
    now: () => number,
  ): TlsWire | undefined {
    const at = this.#harness.endpoints().find(({ transport, port }) => transport === "tcp" && port === local.port);
    const isWanted = at && (options.service ?? at.service) === at.service && (options.name ?? at.name) === at.name;
    return isWanted ? recorder.wire?.({ service: at.service, local, peer }, now) : undefined;
  }
}
