import type { ChannelId, Endpoint } from "../../contract/machine.ts";
import type { Entry, SessionRecord } from "../../journal/entry.ts";
import type { TlsWire } from "../../transport/tls-wire.ts";
import { exchangeLine, noteLine } from "../exchange-line.ts";
import { PRODUCT } from "../product.ts";
import { interfaceDescription, sectionHeader } from "./blocks.ts";
import { endsOf, ipPacket, UDP, udpDatagram } from "./ip.ts";
import { PacketQueue } from "./packet-queue.ts";
import { isAskedFromHere, type PortsShown, shownPort } from "./ports-shown.ts";
import { Stream } from "./stream.ts";
import { WiredStream } from "./wired-stream.ts";

export interface PcapngOptions {
  /** Takes the blocks of the file, in their order. */
  readonly write: (block: Buffer) => void;
  /** Told whenever there is something to be flushed. */
  readonly changed: () => void;
  readonly ports: PortsShown;
}

type Happened<K extends Entry["kind"]> = Extract<Entry, { kind: K }>;

/** A session of the capture. */
interface Track {
  readonly stream: Stream;
  /** The octets come from the wire: the journal's are what was inside. */
  readonly wired: WiredStream | undefined;
  readonly key: string;
  readonly channels: Map<ChannelId, Stream>;
  /** Its TLS handshake came to nothing. */
  isUnsecured: boolean;
}

const NO_HANDSHAKE = "tls-failed";
const FORGOTTEN = "the journal has forgotten how this began";
/** Handshakes that came to nothing, when the harness stops for instance, may never be claimed. */
const MOST_UNCLAIMED = 4096;
/** Connections that are refused at once have no session: these notes are all there is of them. */
const REFUSALS = ["not-allowed", "too-many-handshakes"];

/**
 * A pcapng file from the journal: every connection as TCP over IP as it must have gone over the wire, every datagram as UDP.
 *
 * Theory of operation: entries become packets in their order and wait in a queue, so that what is said of an exchange can
 * be written at its packets. Of a TLS connection that somebody witnessed, the records themselves become packets, and the
 * secrets a block before them; the journal's octets are then what was inside, and are left out.
 */
export class PcapngWriter {
  readonly #queue: PacketQueue;
  readonly #ports: PortsShown;
  readonly #tracks = new Map<number, Track>();
  /** Of which the journal has no session yet. */
  readonly #unclaimed = new Map<string, WiredStream>();
  /** Conversations that are open, by their two ends as shown. */
  readonly #open = new Set<string>();
  /** What was last said of a peer's datagrams: it is about the one that comes next, if that is the peer's too. */
  #noted: { readonly peer: string; readonly line: string } | undefined;
  #streams = 0;
  #datagrams = 0;

  constructor({ write, changed, ports }: PcapngOptions) {
    this.#queue = new PacketQueue(write, changed);
    this.#ports = ports;
    write(sectionHeader(`${PRODUCT.name} ${PRODUCT.version}`));
    write(interfaceDescription(PRODUCT.name, "what the services sent and received, put into packets"));
  }

  /** Takes what happened next. */
  entry(entry: Entry): void {
    if (entry.session.transport === "udp") {
      if (entry.kind === "note") this.#noted = { peer: keyOf(entry.session), line: noteLine(entry) };
      if (entry.kind === "exchange" && entry.datagram) this.#exchangeDatagrams(entry, entry.datagram);
      return;
    }
    const track = entry.kind === "open" ? this.#opened(entry) : this.#track(entry);
    if (!track) return;
    for (const stream of [track.stream, ...track.channels.values()]) stream.now = entry.time;
    switch (entry.kind) {
      case "received":
      case "sent":
        this.#carry(track, entry);
        break;
      case "exchange":
        this.#comment(track, exchangeLine(entry));
        break;
      case "note":
        if (entry.event === NO_HANDSHAKE) track.isUnsecured = true;
        this.#comment(track, noteLine(entry));
        break;
      case "channel":
        this.#openChannel(track, entry);
        break;
      case "end":
        this.#streamOf(track, entry.channel)?.end(entry.by === "peer" ? "client" : "server");
        break;
      case "close":
        this.#close(track, entry);
        break;
      default:
        break;
    }
  }

  /** Records and secrets of a TLS connection that begins now, from its first octet. */
  wire(record: Pick<SessionRecord, "service" | "local" | "peer">, now: () => number): TlsWire {
    const key = keyOf(record);
    const shown = this.#shown(record, false);
    const stream = this.#stream(record.peer, shown.local);
    if (shown.local.port !== record.local.port) stream.comment(`${record.service}: on port ${record.local.port}`);
    const wired = new WiredStream(stream, this.#queue, now, () => this.#open.delete(shown.key));
    this.#unclaimed.set(key, wired);
    const [oldest] = this.#unclaimed.keys();
    if (this.#unclaimed.size > MOST_UNCLAIMED && oldest !== undefined) this.#unclaimed.delete(oldest);
    return wired;
  }

  /** Writes all that waits. */
  flush(): void {
    this.#queue.flush();
  }

  #opened({ session, time }: Happened<"open">): Track {
    this.#forget(session.id);
    const track = this.#makeTrack(session);
    track.stream.now = time;
    if (!track.wired) track.stream.open();
    return track;
  }

  /** Of a session whose beginning is not in the journal, too. */
  #track(entry: Entry): Track | undefined {
    const { session } = entry;
    const known = this.#tracks.get(session.id);
    if (known) return known;
    if (entry.kind === "close" || entry.kind === "end") return undefined;
    if (entry.kind === "note") {
      if (REFUSALS.includes(entry.event)) this.#refused(entry);
      return undefined;
    }
    const track = this.#makeTrack(session);
    if (!track.wired) track.stream.comment(FORGOTTEN);
    return track;
  }

  #makeTrack(session: SessionRecord): Track {
    const wired = this.#claim(session);
    const isPlain = session.tls !== undefined && !wired;
    const { local, key } = wired ? { local: session.local, key: "" } : this.#shown(session, isPlain);
    const stream = wired?.stream ?? this.#stream(session.peer, local);
    if (isPlain) stream.comment(`${session.name}: inside ${session.tls?.protocol} on port ${session.local.port}`);
    else if (local.port !== session.local.port) stream.comment(`${session.name}: on port ${session.local.port}`);
    const track: Track = { stream, wired, key, channels: new Map(), isUnsecured: false };
    this.#tracks.set(session.id, track);
    return track;
  }

  #claim(session: SessionRecord): WiredStream | undefined {
    const key = keyOf(session);
    const wired = this.#unclaimed.get(key);
    this.#unclaimed.delete(key);
    wired?.claim();
    return wired;
  }

  #stream(client: Endpoint, server: Endpoint): Stream {
    this.#streams += 1;
    return new Stream(client, server, this.#streams, this.#queue);
  }

  /** Where the service listens in the capture; the port as it is, where another conversation has these ends. */
  #shown(
    { service, local, peer }: Pick<SessionRecord, "service" | "local" | "peer">,
    isPlain: boolean,
  ): { readonly local: Endpoint; readonly key: string } {
    const wanted = { address: local.address, port: shownPort(this.#ports, service, local.port, isPlain) };
    const shown = this.#open.has(keyOf({ local: wanted, peer })) ? local : wanted;
    const key = keyOf({ local: shown, peer });
    this.#open.add(key);
    return { local: shown, key };
  }

  #streamOf(track: Track, channel: ChannelId | undefined): Stream | undefined {
    if (channel !== undefined) return track.channels.get(channel);
    return track.wired ? undefined : track.stream;
  }

  #carry(track: Track, { kind, bytes, channel }: Happened<"received"> | Happened<"sent">): void {
    this.#streamOf(track, channel)?.send(kind === "received" ? "client" : "server", bytes);
  }

  #comment({ stream, wired }: Track, line: string): void {
    if (wired && !stream.isOver) stream.commentAhead(line);
    else stream.comment(line);
  }

  #openChannel(track: Track, { channel, local, peer, time, session }: Happened<"channel">): void {
    const before = track.channels.get(channel);
    if (before) before.finish();
    const stream = this.#stream(peer, local);
    stream.now = time;
    stream.comment(`${session.name} ${channel} of port ${session.peer.port}`);
    stream.open();
    track.channels.set(channel, stream);
  }

  #close(track: Track, { session, how }: Happened<"close">): void {
    for (const channel of track.channels.values()) channel.finish();
    // Without a session there is nobody to reset it: its socket is closed.
    if (track.isUnsecured && how === "peer") track.stream.end("client");
    const cause = track.isUnsecured && how !== "reset" ? "destroyed" : how;
    if (track.wired) track.wired.sessionClosed(cause);
    else track.stream.close(cause);
    this.#forget(session.id);
  }

  #forget(session: number): void {
    const track = this.#tracks.get(session);
    if (!track) return;
    this.#tracks.delete(session);
    if (!track.wired) this.#open.delete(track.key);
  }

  /** Accepted by the system, and reset at once. */
  #refused({ session, time, ...note }: Happened<"note">): void {
    const stream = this.#stream(session.peer, session.local);
    stream.now = time;
    stream.comment(noteLine({ session, time, ...note }));
    stream.refuse();
  }

  #exchangeDatagrams(
    entry: Happened<"exchange">,
    { received, sent }: NonNullable<Happened<"exchange">["datagram"]>,
  ): void {
    const { session, time } = entry;
    const port = shownPort(this.#ports, session.service, session.local.port, false);
    const address = isAskedFromHere(session) ? session.peer.address : session.local.address;
    const ends = endsOf(session.peer, { address, port });
    const packet = (from: "client" | "server", data: Uint8Array) => {
      const [sender, receiver] = from === "client" ? [ends.client, ends.server] : [ends.server, ends.client];
      this.#datagrams += 1;
      const octets = udpDatagram(sender, receiver, data);
      const payload = { protocol: UDP, octets, checksumAt: 6, id: this.#datagrams };
      return this.#queue.packet(time, from, ipPacket(ends.version, sender, receiver, payload));
    };
    const request = packet("client", received);
    const last = sent ? packet("server", sent) : request;
    if (this.#noted?.peer === keyOf(session)) last.comments.push(this.#noted.line);
    this.#noted = undefined;
    last.comments.push(exchangeLine(entry));
  }
}

function keyOf({ local, peer }: Pick<SessionRecord, "local" | "peer">): string {
  return `${peer.address} ${peer.port} ${local.address} ${local.port}`;
}
