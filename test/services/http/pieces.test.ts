import { describe, expect, it } from "vitest";
import { http } from "../../../services/http/index.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { clientParts, cut, makeInput } from "../../fuzz/inputs.ts";
import { makeContext, type Options, Visit } from "./visit.ts";

const ROUNDS = 400;

/** So small that most inputs meet one of them. */
const OPTIONS: readonly Options[] = [
  { maxRequestLineOctets: 30 },
  { maxHeadOctets: 90 },
  { maxHeaders: 2 },
  { maxBodyOctets: 12 },
  { maxRequestLineOctets: 50, maxHeadOctets: 40, maxBodyOctets: 1, maxHeaders: 1 },
];

function converse(
  pieces: readonly Uint8Array[],
  options: Options,
): { sent: string; records: unknown; closed: boolean } {
  const visit = new Visit(makeContext(options));
  for (const bytes of pieces) visit.driver.tell({ type: "data", bytes });
  visit.driver.tell({ type: "end" });
  visit.driver.settle();
  return { sent: visit.answered, records: visit.driver.outcome.records, closed: visit.isClosed };
}

describe("under small limits", () => {
  const dialogues = clientParts(http, "tcp");

  it.each(OPTIONS)("the pieces make no difference: %o", (options) => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const random = seededRandom(round);
      const input = makeInput(random, dialogues);
      const whole = converse([input], options);
      const octets = Array.from(input, (octet) => Buffer.of(octet));
      expect(converse(octets, options), `round ${round}: ${JSON.stringify(toLatin1(input))}`).toEqual(whole);
      expect(converse(cut(random, input), options), `round ${round}: ${JSON.stringify(toLatin1(input))}`).toEqual(
        whole,
      );
      expect(whole.closed).toBe(true);
    }
  });
});

describe("a large response", () => {
  it("comes in turns, and the next request waits for it", () => {
    const visit = new Visit();
    const all = visit.say("GET /pub/1MiB.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /status/204 HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(visit.statuses).toEqual(["200 OK", "204 No Content"]);
    expect(all.length).toBeGreaterThan(1024 * 1024);
    expect(fromLatin1(all).subarray(-200)).toEqual(fromLatin1(all.slice(-200)));
  });
});
