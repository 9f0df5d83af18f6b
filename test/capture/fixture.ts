import { expect } from "vitest";
import { type CaptureFormat, makeRecorder, type Surroundings } from "../../src/capture/formats.ts";
import type { Entry, SessionRecord } from "../../src/journal/entry.ts";
import { Journal } from "../../src/journal/journal.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { packetsOf, type ReadSegment, segmentsOf } from "./pcapng-file.ts";

export const NOON = Date.UTC(2026, 0, 1, 12);
export const CLIENT = { address: "192.0.2.1", port: 40_000 };
export const SERVER = { address: "192.0.2.2", port: 10_025 };
export const CLIENT6 = { address: "2001:db8::1", port: 40_000 };
export const SERVER6 = { address: "2001:db8::2", port: 10_025 };

/** A journal whose clock a test sets, and a session that writes into it. */
export class Scene {
  now = NOON;
  readonly journal = new Journal(() => this.now);

  session(more: Partial<SessionRecord> = {}): Script {
    const record = this.journal.session({
      service: "smtp",
      name: "smtp",
      transport: "tcp",
      local: SERVER,
      peer: CLIENT,
      ...more,
    });
    return new Script(this, record);
  }

  get entries(): Entry[] {
    return this.journal.find();
  }
}

/** What happens in a session, one after the other. */
export class Script {
  readonly record: SessionRecord;
  readonly #scene: Scene;

  constructor(scene: Scene, record: SessionRecord) {
    this.#scene = scene;
    this.record = record;
  }

  open(): this {
    this.#scene.journal.opened(this.record);
    return this;
  }

  client(octets: string | Uint8Array, channel?: string): this {
    this.#scene.journal.received(this.record, this.#scene.now, octetsOf(octets), channel);
    return this;
  }

  server(octets: string | Uint8Array, channel?: string): this {
    this.#scene.journal.sent(this.record, this.#scene.now, octetsOf(octets), channel);
    return this;
  }

  exchange(request: Parameters<Journal["exchange"]>[2], reply: Parameters<Journal["exchange"]>[3]): this {
    this.#scene.journal.exchange(this.record, this.#scene.now, request, reply);
    return this;
  }

  note(event: string, detail: Parameters<Journal["note"]>[2] = {}): this {
    this.#scene.journal.note(this.record, event, detail);
    return this;
  }

  channel(channel: string, serverPort: number, clientPort: number): this {
    const { local, peer } = this.record;
    this.#scene.journal.channel(this.record, channel, { ...local, port: serverPort }, { ...peer, port: clientPort });
    return this;
  }

  end(by: "peer" | "service", channel?: string): this {
    this.#scene.journal.ended(this.record, by, channel);
    return this;
  }

  close(how: Parameters<Journal["closed"]>[1]): this {
    this.#scene.journal.closed(this.record, how);
    return this;
  }

  wait(ms: number): this {
    this.#scene.now += ms;
    return this;
  }
}

function octetsOf(octets: string | Uint8Array): Uint8Array {
  return typeof octets === "string" ? fromLatin1(octets) : octets;
}

/** What a form makes of entries. */
export function written(format: CaptureFormat, entries: readonly Entry[], around: Partial<Surroundings> = {}): Buffer {
  const parts: Uint8Array[] = [];
  let tail: Uint8Array = new Uint8Array(0);
  const output = {
    append: (octets: Uint8Array) => parts.push(octets),
    setTail: (octets: Uint8Array) => {
      tail = octets;
    },
    changed: () => undefined,
  };
  const recorder = makeRecorder(format, output, {
    show: (fields) => fields,
    ports: () => undefined,
    transcripts: {},
    sessionEntries: ({ id }) => entries.filter(({ session }) => session.id === id),
    ...around,
  });
  for (const entry of entries) recorder.entry(entry);
  recorder.flush?.();
  recorder.end?.();
  return Buffer.concat([...parts, tail]);
}

/** The same as TCP's analysis wants it, whatever was captured: fails with what is wrong. */
export function expectSound(file: Uint8Array): void {
  let last = 0;
  for (const { time, checksum, headerChecksum } of packetsOf(file)) {
    expect([checksum, headerChecksum]).toEqual([0, 0]);
    expect(time).toBeGreaterThanOrEqual(last);
    last = time;
  }
  const next = new Map<string, number>();
  for (const segment of segmentsOf(file)) {
    const { source, destination, seq, ack, flags, data, version } = segment;
    const [own, peer] = [`${source} > ${destination}`, `${destination} > ${source}`];
    expect(data.length).toBeLessThanOrEqual(version === 4 ? 1460 : 1440);
    if (flags === "SYN") next.delete(peer);
    else if (flags !== "SYN,ACK") expect(seq).toBe(next.get(own) ?? seq);
    if (flags.includes("ACK")) expect(ack).toBe(next.get(peer) ?? ack);
    next.set(own, (seq + data.length + (/SYN|FIN/.test(flags) ? 1 : 0)) >>> 0);
  }
}

/** Segments in short, numbers from each side's first: `> SYN`, `< PSH,ACK 220 12`. */
export function told(file: Uint8Array): string[] {
  const first = new Map<string, number>();
  return segmentsOf(file).map(({ source, destination, seq, flags, data, direction }: ReadSegment) => {
    const side = `${source} ${destination}`;
    if (flags.startsWith("SYN") || !first.has(side)) first.set(side, seq);
    const from = (seq - (first.get(side) as number)) >>> 0;
    const octets = data.length > 0 ? ` ${from}+${data.length}` : "";
    return `${direction === 1 ? ">" : "<"} ${flags}${octets}`;
  });
}
