import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import { isInstalled, run, witness } from "./clients.ts";

let harness: RunningHarness<readonly ["ssh"]>;

beforeAll(async () => {
  harness = await start({ services: ["ssh"] });
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

type Rule = Parameters<typeof harness.ssh.stub>[0];

const greeting = (rest: Rule): Rule => ({ ...rest, when: { phase: "greeting" } });

witness(
  "ssh",
  () => {
    const OPTIONS = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=2"];

    it.each<[string, Rule, string]>([
      ["SSH 1", greeting({ reply: "SSH-1.5-old" }), "Protocol major versions differ: 2 vs. 1"],
      ["SSH 1 and 2", greeting({ reply: "SSH-1.99-both" }), "Received disconnect from"],
      ["lines before the identification", greeting({ reply: { before: "Be kind." } }), "Received disconnect from"],
      ["too many logging in", greeting({ reply: "Exceeded MaxStartups" }), "Connection closed by remote host"],
      ["an overlong line", greeting({ reply: `SSH-2.0-${"x".repeat(9000)}` }), "banner line too long"],
      ["a reset in place of the identification", greeting({ fault: "reset" }), "read: Connection reset by peer"],
      ["silence", { when: { phase: "connect" }, fault: "silence" }, "Connection timed out during banner exchange"],
      ["a reset after the identification", { fault: "reset" }, "Connection reset by"],
      ["a close after the identification", { fault: "close" }, "Connection closed by"],
      ["a reason of its own", { reply: { reason: "TOO_MANY_CONNECTIONS", description: "Later." } }, ":12: Later."],
      ["a reason by its number", { reply: 1 }, ":1: Said by a rule."],
      [
        "garbage for a packet",
        { fault: { raw: "garbage\r\ngarbage\r\ngarbage\r\n", close: { after: 27 } } },
        "Bad packet length",
      ],
    ])("meets %s", async (_what, rule, said) => {
      harness.ssh.stub(rule);
      const flags = OPTIONS.flatMap((option) => ["-o", option]);
      const args = ["-F", "none", ...flags, "-p", String(harness.ssh.port), "alice@127.0.0.1", "true"];
      const { code, stderr } = await run("ssh", args);
      expect([code, stderr]).toEqual([255, expect.stringContaining(said)]);
    });
  },
  isInstalled("ssh", ["-V"]),
);

witness(
  "ssh-keyscan",
  () => {
    it("shows the version that a rule says", async () => {
      harness.ssh.stub(greeting({ reply: "SSH-2.0-OpenSSH_5.3" }));
      const { port } = harness.ssh;
      const { stdout, stderr } = await run("ssh-keyscan", ["-T", "5", "-p", String(port), "127.0.0.1"]);
      expect(stdout + stderr).toContain(`# 127.0.0.1:${port} SSH-2.0-OpenSSH_5.3`);
    });
  },
  isInstalled("ssh-keyscan", ["-?"]),
);
