import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, witness } from "./clients.ts";

const SERVER = "SSH-2.0-Portwright_0.1";

let harness: Harness<"ssh">;
let port: string;

beforeAll(async () => {
  harness = await start({ services: ["ssh"] });
  port = String(harness.endpoint("ssh").port);
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

/** How the service answered each session, and that each session is over. */
async function answered(count: number) {
  for (let session = 1; session <= count; session += 1) await harness.journal.waitFor({ session, kind: "close" });
  return harness.journal.exchanges("ssh");
}

witness(
  "ssh",
  () => {
    it.each(["127.0.0.1", "::1"])(
      "sees the identification on %s, and is told goodbye in the protocol's terms",
      async (host) => {
        const options = [
          "BatchMode=yes",
          "StrictHostKeyChecking=no",
          "UserKnownHostsFile=/dev/null",
          "ConnectTimeout=5",
        ];
        const flags = options.flatMap((option) => ["-o", option]);
        const { code, stderr } = await run("ssh", ["-v", "-F", "none", ...flags, "-p", port, `alice@${host}`, "true"]);
        expect(code).toBe(255);
        expect(stderr).toContain("debug1: Remote protocol version 2.0, remote software version Portwright_0.1");
        expect(stderr).toMatch(/Received disconnect from .* port \d+:\d+: /);
        const [exchange] = await answered(1);
        expect(exchange?.request).toMatchObject({
          protocolVersion: "2.0",
          softwareVersion: expect.stringMatching(/^OpenSSH_/),
        });
        expect(exchange?.reply).toMatchObject({ identification: SERVER });
      },
    );
  },
  isInstalled("ssh", ["-V"]),
);

witness(
  "ssh-keyscan",
  () => {
    it("sees the identification, and ends", async () => {
      const { stdout, stderr } = await run("ssh-keyscan", ["-T", "5", "-p", port, "-t", "ed25519", "127.0.0.1"]);
      expect(stdout + stderr).toContain(`# 127.0.0.1:${port} ${SERVER}`);
      expect(await answered(1)).toHaveLength(1);
    });
  },
  isInstalled("ssh-keyscan", ["-?"]),
);

witness(
  "nc",
  () => {
    it("reads the banner, and may leave without a word", async () => {
      const { stdout } = await run("nc", ["-N", "127.0.0.1", port]);
      expect(stdout).toContain(`${SERVER}\r\n`);
      await answered(1);
    });
  },
  isInstalled("nc", ["-h"]),
);
