import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const BUNDLE = "dist/bundle-test";
const BUILD_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "bundle-test-"));

describe("the command as it is published, in one bundle", () => {
  beforeAll(() => run("npm", ["run", "--silent", "bundle", "--", BUNDLE]), BUILD_MS);
  afterAll(() => {
    rmSync(folder, { recursive: true });
    rmSync(BUNDLE, { recursive: true, force: true });
  });

  // What is imported late may be bundled otherwise than Node would load it.
  it.each([
    ["portwright.config.json", '{ "services": ["echo"], "ports": "ephemeral" }'],
    ["portwright.config.yaml", "services: [echo]\nports: ephemeral\n"],
    ["portwright.config.ts", 'export default { services: ["echo"], ports: "ephemeral" as string };'],
  ])("starts what %s says", async (name, text) => {
    const config = join(folder, name);
    writeFileSync(config, text);
    const { stdout } = await run(process.execPath, [`${BUNDLE}/bin/cli.js`, "up", "--config", config, "--for", "1ms"]);
    const { endpoints } = JSON.parse(stdout.split("\n")[0] ?? "");
    expect(
      new Set(endpoints.map((one: { service: string; status: string }) => `${one.service} ${one.status}`)),
    ).toEqual(new Set(["echo ready"]));
  });

  it("answers --version", async () => {
    expect((await run(process.execPath, [`${BUNDLE}/bin/cli.js`, "--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
