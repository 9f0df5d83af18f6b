import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FAULTS as CHARGEN } from "../../../services/chargen/faults.ts";
import { FAULTS as DAYTIME } from "../../../services/daytime/faults.ts";
import { FAULTS as DISCARD } from "../../../services/discard/faults.ts";
import { FAULTS as ECHO } from "../../../services/echo/faults.ts";
import { FAULTS as QOTD } from "../../../services/qotd/faults.ts";
import { FAULTS as TIME } from "../../../services/time/faults.ts";
import type { FaultCase } from "../../../src/contract/service.ts";
import { type Harness, start } from "../../../src/index.ts";
import { type Client, seenOverTcp, seenOverUdp } from "./fault-client.ts";

const QUOTE = "Be liberal in what you accept, and conservative in what you send. (RFC 1122 section 1.2.2)\r\n";
const hello = { says: "hello\r\n", halfCloses: true, words: [] };
const listening = (words: Client["words"]): Client => ({ says: "", halfCloses: false, words });

const SERVICES: readonly (readonly [name: string, client: Client, faults: readonly FaultCase[]])[] = [
  ["echo", hello, ECHO],
  ["discard", hello, DISCARD],
  ["daytime", listening([[/Thursday, January 1, 2026 00:\d\d:\d\d-UTC\r\n/, "the time"]]), DAYTIME],
  ["qotd", listening([[QUOTE, "the quote"]]), QOTD],
  ["chargen", listening([[/^ !"#[\x20-\x7e\r\n]*/, (text) => `${text.length} octets of the ring`]]), CHARGEN],
  [
    "time",
    listening([[/\xed\x00[\s\S]{0,2}/, ({ length }) => (length === 4 ? "the time" : `${length} octets of the time`)]]),
    TIME,
  ],
];

let harness: Harness;

beforeAll(async () => {
  harness = await start({ services: SERVICES.map(([name]) => name) as "echo"[], ports: "ephemeral", clock: "manual" });
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

describe.each(SERVICES)("the faults of %s", (name, client, faults) => {
  it.each(faults)("$name: $seen", async ({ rule, seen }) => {
    const { transport } = (rule.when ?? {}) as { readonly transport?: string };
    if (transport !== "udp") {
      expect(await seenOverTcp(harness, name, rule, client)).toBe(seen);
      return;
    }
    const answers = seen === "nothing" ? 0 : seen.split(", ").length;
    expect(await seenOverUdp(harness, name, rule, client, answers)).toBe(seen);
  });
});
