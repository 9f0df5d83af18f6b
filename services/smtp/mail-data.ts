import { Collector } from "../../src/wire/collector.ts";
import { DotDecoder } from "../../src/wire/dot-stuffing.ts";
import type { SmtpOptions } from "./options.ts";

/** What comes between DATA and the final dot, in bounded memory. */
export class MailData {
  readonly #decoder: DotDecoder;
  readonly #collector = new Collector();
  readonly #maxOctets: number;
  #octets = 0;

  constructor({ bareLineFeed, maxMessageOctets }: SmtpOptions) {
    this.#maxOctets = maxMessageOctets;
    this.#decoder = new DotDecoder((octets) => this.#keep(octets), bareLineFeed === "accept" ? "line-end" : "content");
  }

  /** How many octets came, dots unstuffed (RFC 1870 section 5). */
  get octets(): number {
    return this.#octets;
  }

  get isTooBig(): boolean {
    return this.#octets > this.#maxOctets;
  }

  get hasBareLineFeeds(): boolean {
    return this.#decoder.bareLineFeeds > 0;
  }

  get longestLine(): number {
    return this.#decoder.longestLine;
  }

  get ended(): boolean {
    return this.#decoder.ended;
  }

  /** Returns how many of the octets were data; what follows the final dot is the next command. */
  push(bytes: Uint8Array): number {
    return this.#decoder.push(bytes);
  }

  /** The message; to be called once. */
  take(): Uint8Array {
    return this.#collector.take();
  }

  #keep(octets: Uint8Array): void {
    this.#octets += octets.length;
    if (this.isTooBig) this.#collector.clear();
    else this.#collector.append(octets);
  }
}
