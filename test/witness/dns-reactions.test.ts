import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { isInstalled, witness } from "./clients.ts";
import { canBeAlone } from "./resolvers/glibc.ts";
import { COLUMNS, PAGE, readReactions } from "./resolvers/page.ts";
import { versionOfDnspython } from "./resolvers/python.ts";

const page = readReactions(readFileSync(PAGE, "utf8"));

/** Of every kind one, and those that come at once rather than those that are waited for. */
const SAMPLE = [
  "SERVFAIL",
  "NXDOMAIN",
  "NODATA",
  "UDP: no answer",
  "A forged answer, and the true one to the retry",
  "The question in another case (0x20)",
  "UDP: TC and nothing else",
  "UDP: the port is closed",
  "TCP: the end before the answer",
  "TCP: octet by octet",
  "An alias of a name that is not there",
  "A pointer to itself",
  "IPv4 only",
];

const hasNetwork = canBeAlone();
if (!hasNetwork) process.stderr.write("witness skipped: glibc, for this system lets us have no network\n");

const PRESENT: readonly boolean[] = [
  true,
  isInstalled("python3"),
  isInstalled("dig", ["-v"]),
  versionOfDnspython() !== undefined,
];

for (const [at, [head, reactions]] of [...page].entries()) {
  const [name = ""] = head.split(" ");
  const test = () => {
    // On a busy machine an answer may come later than a resolver is patient.
    it.skipIf(name === "glibc" && !hasNetwork)("does as REACTIONS.md says", { retry: 2 }, async () => {
      const measured = (await COLUMNS[at]?.measure(SAMPLE)) ?? [];
      expect(SAMPLE.map((fault, row) => `${fault}: ${measured[row]}`)).toEqual(
        SAMPLE.map((fault) => `${fault}: ${reactions.get(fault)}`),
      );
    });
  };
  witness(name, test, PRESENT[at]);
}
