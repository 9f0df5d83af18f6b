import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import { LARGE_ZONE } from "../services/dns/large-zone.ts";
import { succeed, witness } from "./clients.ts";
import { PYTHON, versionOfDnspython } from "./resolvers/python.ts";

let harness: RunningHarness<readonly ["dns"]>;

beforeAll(async () => {
  harness = await start({ services: { dns: { zones: LARGE_ZONE } }, host: "127.0.0.1" });
});
afterAll(() => harness.stop());

witness("dig", () => {
  it("reads an answer of 65,535 octets, over TCP, to which it is sent", async () => {
    const args = ["@127.0.0.1", "-p", String(harness.dns.port), "+noedns", "t.big.test", "TXT"];
    const { stdout } = await succeed("dig", args);
    expect(stdout).toMatch(/Truncated, retrying in TCP mode/);
    expect(stdout).toMatch(/ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 0/);
    expect(stdout).toMatch(/MSG SIZE {2}rcvd: 65535$/m);
    expect(stdout).not.toMatch(/malformed|extra bytes/);
  });

  it("reads 4,094 addresses", async () => {
    const args = ["@127.0.0.1", "-p", String(harness.dns.port), "+noedns", "+tcp", "+short", "m.big.test", "A"];
    const { stdout } = await succeed("dig", args);
    expect(new Set(stdout.trim().split("\n")).size).toBe(4094);
  });
});

const SCRIPT = `
import sys, dns.message, dns.query
question = dns.message.make_query("t.big.test.", "TXT")
answer = dns.query.tcp(question, "127.0.0.1", port=int(sys.argv[1]), timeout=10)
print(len(answer.to_wire(max_size=65535)), sorted(sum(1 + len(one) for one in record.strings) for record in answer.answer[0]))
`;

witness(
  "dnspython",
  () => {
    it("reads an answer of 65,535 octets, and writes it as long", async () => {
      const { stdout } = await succeed(PYTHON ?? "python3", ["-c", SCRIPT, String(harness.dns.port)]);
      expect(stdout).toBe("65535 [1483, 64000]\n");
    });
  },
  versionOfDnspython() !== undefined,
);
