/** Echo, daytime, qotd, chargen and time answer every datagram, whatever it says. */
const ANSWERS_ANYTHING = [7, 13, 17, 19, 37];

/** Where a harness puts them that may not bind well-known ports. */
const UNPRIVILEGED_OFFSET = 10_000;

const ports = new Set(ANSWERS_ANYTHING.flatMap((port) => [port, port + UNPRIVILEGED_OFFSET]));

/**
 * An answer to this source port would be answered in turn, for ever: the datagram is another small service's answer, or
 * was forged to look like one (CERT advisory CA-1996-01).
 */
export function wouldLoop(sourcePort: number): boolean {
  return ports.has(sourcePort);
}
