import { decryptionSecrets, enhancedPacket } from "./blocks.ts";

/** So many packets wait at most, and as many octets. */
const MOST_PACKETS = 512;
const MOST_OCTETS = 1024 * 1024;

/** A packet to which comments can be added until it is written. */
export interface QueuedPacket {
  readonly time: number;
  readonly octets: Buffer;
  readonly from: "client" | "server";
  readonly comments: string[];
  written: boolean;
}

/**
 * Packets on their way into a file. They wait for a while, for what is to be said of a packet is known only after it;
 * their times never go back.
 */
export class PacketQueue {
  readonly #write: (block: Buffer) => void;
  readonly #changed: () => void;
  #items: (QueuedPacket | { readonly keyLog: Buffer })[] = [];
  #octets = 0;
  #last = 0;

  constructor(write: (block: Buffer) => void, changed: () => void) {
    this.#write = write;
    this.#changed = changed;
  }

  /** `time` is in milliseconds since the epoch. */
  packet(time: number, from: QueuedPacket["from"], octets: Buffer): QueuedPacket {
    this.#last = Math.max(this.#last, Math.round(time * 1000));
    const packet: QueuedPacket = { time: this.#last, octets, from, comments: [], written: false };
    this.#items.push(packet);
    this.#octets += octets.length;
    this.#changed();
    if (this.#items.length > MOST_PACKETS || this.#octets > MOST_OCTETS) this.#writeOldest(this.#items.length >> 1);
    return packet;
  }

  /** Lines of a TLS key log, for the packets behind them. */
  keys(keyLog: Buffer): void {
    this.#items.push({ keyLog });
  }

  /** Writes all that waits. */
  flush(): void {
    this.#writeOldest(this.#items.length);
  }

  #writeOldest(count: number): void {
    for (const item of this.#items.splice(0, count)) {
      if ("keyLog" in item) this.#write(decryptionSecrets(item.keyLog));
      else {
        this.#write(enhancedPacket(item));
        this.#octets -= item.octets.length;
        item.written = true;
      }
    }
  }
}
