import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "check-test-"));
const portFile = join(folder, "ports.json");
afterAll(() => rmSync(folder, { recursive: true }));

function check(file: string): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const args = ["--import", "tsx", "src/cli/main.ts", "check", file];
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

describe("portwright check", () => {
  let harness: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    harness = await start({ services: ["echo", "https"] });
  });
  afterAll(() => harness.stop());

  const write = (env: object) => writeFileSync(portFile, JSON.stringify({ env, endpoints: harness.endpoints }));

  it("has an exchange with every endpoint of a port file, over UDP and TLS too", async () => {
    write({ PORTWRIGHT_CA_FILE: harness.ca.file() });
    const { exitCode, stdout } = await check(portFile);
    const checked = JSON.parse(stdout) as { name: string; transport: string; status: string }[];
    expect(new Set(checked.map(({ name, transport, status }) => `${name}/${transport} ${status}`))).toEqual(
      new Set(["echo/tcp ready", "echo/udp ready", "https/tcp ready"]),
    );
    expect(exitCode).toBe(0);
    expect(harness.journal.exchanges("https")).not.toEqual([]);
  });

  it("does not take an unverified certificate for an answer", async () => {
    write({});
    const { exitCode, stdout } = await check(portFile);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ name: "https", status: "failed", reason: expect.stringContaining("--ca-file") }),
    );
    expect(exitCode).toBe(1);
  });

  it("exits with 1 and says why once the harness is gone", async () => {
    write({ PORTWRIGHT_CA_FILE: harness.ca.file(join(folder, "ca.pem")) });
    await harness.stop();
    const { exitCode, stdout } = await check(portFile);
    for (const endpoint of JSON.parse(stdout)) expect(endpoint).toMatchObject({ status: "failed", reason: /\S/ });
    expect(exitCode).toBe(1);
  });

  it.each([
    ["a file that is missing", undefined, "cannot be read: ENOENT"],
    ["a file of something else", "{}", "not a file that up --port-file wrote"],
    ["a file that is no JSON", "ports:", "not a file that up --port-file wrote"],
  ])("exits with 2 for %s", async (_what, text, message) => {
    const file = join(folder, "other.json");
    if (text !== undefined) writeFileSync(file, text);
    const { exitCode, stdout, stderr } = await check(file);
    expect(stderr).toContain(`portwright: ${file}: ${message}`);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });
});
