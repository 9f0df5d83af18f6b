import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../witness/clients.ts";

const PROJECT = join(import.meta.dirname, "project");
const VITEST = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const RUN_MS = 120_000;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

describe("a project of Vitest that uses portwright/vitest", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitest-project-"));
  const captures = join(folder, "captures");
  let outcome: Awaited<ReturnType<typeof run>>;
  let report: Report;

  beforeAll(async () => {
    const output = join(folder, "report.json");
    const args = [VITEST, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
    const env = { NO_COLOR: "1", CAPTURES: captures };
    outcome = await run(process.execPath, args, { cwd: PROJECT, env, timeoutMs: RUN_MS });
    report = JSON.parse(readFileSync(output, "utf8")) as Report;
  }, RUN_MS);

  afterAll(() => rmSync(folder, { recursive: true }));

  const resultsOf = (file: string) =>
    report.testResults.filter(({ name }) => name.endsWith(file)).flatMap(({ assertionResults }) => assertionResults);
  const failureOf = (title: string) =>
    resultsOf("failing.spec.ts")
      .find((result) => result.title === title)
      ?.failureMessages.join("\n") ?? "";

  it("passes where it should", () => {
    const failed = resultsOf("passing.spec.ts").filter(({ status }) => status !== "passed");
    expect(failed).toEqual([]);
    expect(resultsOf("passing.spec.ts").length).toBeGreaterThan(10);
  });

  it("runs eight files at a time without their meeting", () => {
    const results = resultsOf("parallel.spec.ts");
    expect(results).toHaveLength(80);
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  });

  it("ends by itself, with clients still connected, and fails where it should", () => {
    expect(outcome.code).toBe(1);
    const failed = resultsOf("failing.spec.ts").filter(({ status }) => status === "failed");
    expect(failed.map(({ title }) => title)).toEqual([
      "with a client still connected",
      "for a reason of its own",
      "before it asked anything",
      "because it cannot share",
      "with a rule that is never used",
      "with a refusal that nobody asked for",
    ]);
  });

  it("shows what came nearest, and the dialogue of that test alone", () => {
    const failure = failureOf("with a client still connected");
    expect(failure).toContain('\n      to: wanted "alice@example.test", was "bob@example.test"\n');
    expect(failure).toContain("\n\nWhat the services saw:\n# smtp session ");
    expect(failure).toMatch(/^C: RCPT TO:<bob@example.test>\nS: 250 2.1.5 .*$/m);
    expect(failure).not.toContain("carol");
    expect(outcome.stdout + outcome.stderr).toContain("C: RCPT TO:<bob@example.test>");
  });

  it("shows the dialogue whatever the reason, and no secrets", () => {
    const failure = failureOf("for a reason of its own");
    expect(failure).toMatch(/expected 1 to be 2.*What the services saw:\n# http session .*C: GET \/pub\/hello.txt/s);
    expect(failure).toContain("C: authorization: <redacted>");
    expect(failure).not.toContain("c2VjcmV0");
    expect(failureOf("before it asked anything")).toContain("Nothing came to any service.");
  });

  it("leaves a capture, and tells whoever asked", () => {
    const path = join(captures, "failing.spec.ts-what-fails-with-a-client-still-connected.pcapng");
    expect(failureOf("with a client still connected")).toContain(`Capture: ${path}`);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path).readUInt32BE(0)).toBe(0x0a0d0d0a);
    expect(outcome.stdout).toContain("failing.spec.ts > what fails > for a reason of its own: true");
  });

  it("fails tests that left a rule unused, or were refused something", () => {
    const unused = failureOf("with a rule that is never used");
    expect(unused.split("smtp: rule 1 (about command=NOOP) was never used")).toHaveLength(2);
    const refused = failureOf("with a refusal that nobody asked for");
    expect(refused).toContain("smtp: no rule is about ");
    expect(refused).toContain("What the services saw:\n# smtp session ");
  });

  it("refuses to share a harness between tests that run at the same time", () => {
    expect(failureOf("because it cannot share")).toContain('need a harness each: { scope: "test" }');
  });
});
