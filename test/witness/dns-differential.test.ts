import { describe, expect, it } from "vitest";
import { start } from "../../src/index.ts";
import { seededRandom } from "../../src/world/random.ts";
import { witness } from "./clients.ts";
import { askAll } from "./dns-differential/ask-all.ts";
import { differences, partsOf, printDifference, REASONS } from "./dns-differential/compare.ts";
import { questions } from "./dns-differential/questions.ts";
import { OTHERS, type OtherName, startOther } from "./dns-differential/servers.ts";
import { ZONES } from "./dns-differential/zones.ts";

const QUESTIONS = 5000;
const SEED = 4;
/** Enough of the differences to see what they are about. */
const SHOWN = 12;

const names = Object.keys(OTHERS) as OtherName[];

describe.each(names)("the same zones in ours and in %s", (name) => {
  witness(name, () => {
    it(`are answered alike, ${QUESTIONS} times`, async () => {
      const asked = questions(QUESTIONS, seededRandom(SEED));
      await using other = await startOther(name, ZONES);
      await using harness = await start({ services: { dns: { zones: ZONES } }, host: "127.0.0.1" });
      const [ours, theirs] = await Promise.all([
        askAll(harness.endpoint("dns").port, asked),
        askAll(other.port, asked),
      ]);
      const reasons = REASONS.filter(({ of }) => of.includes(name));
      const used = new Set<string>();
      const unexplained: string[] = [];
      for (const one of asked) {
        const our = partsOf(ours.get(one.message.id));
        const their = partsOf(theirs.get(one.message.id));
        if (typeof our === "string" || typeof their === "string") {
          unexplained.push(`${one.message.id}: ours: ${JSON.stringify(our)}, other: ${JSON.stringify(their)}`);
          continue;
        }
        for (const difference of differences(our, their, one)) {
          const reason = reasons.find(({ covers }) => covers(difference));
          if (reason) used.add(reason.why);
          else unexplained.push(printDifference(difference));
        }
      }
      expect(unexplained.length, unexplained.slice(0, SHOWN).join("\n")).toBe(0);
      expect([...used].sort()).toEqual(reasons.map(({ why }) => why).sort());
    });
  });
});
