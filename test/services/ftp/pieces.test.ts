import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { FAULTS } from "../../../services/ftp/faults.ts";
import { ftp } from "../../../services/ftp/index.ts";
import type { Rules } from "../../../src/contract/rules.ts";
import type { Service } from "../../../src/contract/service.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { fromLatin1 } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { MachineDriver } from "../../fuzz/machine-driver.ts";
import { LOCAL, makeContext } from "./conversation.ts";

/** Every command that a rule of the table is about. */
const SESSION = [
  ...["FEAT", "AUTH TLS", "OPTS UTF8 ON", "USER alice", "PASS wonderland", "SYST", "PBSZ 0", "PROT P", "NOOP", "PWD"],
  ...["PORT 127,0,0,1,4,1", "EPRT |1|127.0.0.1|1025|", "SIZE pub/hello.txt", "MDTM pub/hello.txt", "TYPE I"],
  ...[
    "EPSV",
    "RETR pub/hello.txt",
    "STAT",
    "NOPE",
    "PASV",
    "LIST",
    "EPSV",
    "REST 5",
    "RETR pub/hello.txt",
    "EPSV",
    "MLSD",
  ],
  ...["PASV", "NLST pub", "EPSV", "STOR x", "ABOR", "EPSV", "APPE y", "ABOR", "MKD d", "RMD d", "RNFR x", "RNTO z"],
  ...["DELE readme.txt", "QUIT"],
].map((line) => `${line}\r\n`);

function converse(rule: unknown, pieces: readonly string[]) {
  const clock = new ManualClock(0);
  const parts = { name: "ftp", clock, random: () => 0, triggers: false, written: [], locate: undefined };
  const rules = new RuleSet({ ...parts, service: ftp as unknown as Service });
  rules.add(rule);
  const peer = { address: "127.0.0.1", port: 40_000 };
  const machine = ftp.machine?.(
    makeContext(),
    rules.forSession({ transport: "tcp", peer }, () => undefined) as Rules<never>,
  );
  if (!machine) throw new TypeError("ftp has no machine");
  const driver = new MachineDriver(machine, LOCAL.port);
  for (const piece of pieces) driver.tell({ type: "data", bytes: fromLatin1(piece) });
  driver.settle();
  driver.tell({ type: "shutdown", reason: "stopping" });
  return driver.outcome;
}

it.each(FAULTS)("in whatever pieces commands come: $name", ({ rule }) => {
  const whole = converse(rule, [SESSION.join("")]);
  expect(whole.closed).toBe("end");
  expect(isDeepStrictEqual(converse(rule, SESSION), whole)).toBe(true);
  expect(isDeepStrictEqual(converse(rule, [...SESSION.join("")]), whole)).toBe(true);
});
