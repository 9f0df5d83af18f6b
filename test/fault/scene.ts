import type { Clock } from "../../src/contract/clock.ts";
import type { Effects } from "../../src/contract/fault.ts";
import { Flow } from "../../src/fault/flow.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { seededRandom } from "../../src/world/random.ts";

export interface FlowScene {
  readonly flow: Flow;
  readonly clock: ManualClock;
  /** What came through: octets as text, the rest in `[ ]`, each with its time. */
  readonly log: string[];
  readonly struck: string[];
  /** The octets that came through. */
  readonly text: () => string;
  write(text: string): void;
  /** A reply of these pieces. */
  reply(effects: readonly Effects[], ...pieces: readonly string[]): void;
}

/** A flow that leads into a list. */
export function flowScene(clock: ManualClock & Clock = new ManualClock(0)): FlowScene {
  const log: string[] = [];
  const struck: string[] = [];
  let text = "";
  const at = (what: string) => log.push(`${what}@${clock.now()}`);
  const flow = new Flow({
    clock,
    random: seededRandom(1),
    struck: (_, effect, after) => struck.push(`${effect} ${after}`),
    write: (bytes) => {
      text += toLatin1(bytes);
      at(toLatin1(bytes));
    },
    close: (how) => at(`[${how}]`),
    cut: (how) => {
      at(`[cut ${how}]`);
      flow.destroy();
    },
    halfClose: () => at("[half-close]"),
    moved: () => undefined,
  });
  const write = (written: string) => flow.write(fromLatin1(written));
  return {
    flow,
    clock,
    log,
    struck,
    text: () => text,
    write,
    reply: (effects, ...pieces) => {
      flow.begin(effects);
      pieces.forEach(write);
      flow.finish();
    },
  };
}
