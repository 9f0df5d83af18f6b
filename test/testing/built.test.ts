import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "../repo/markdown.ts";
import { run } from "../witness/clients.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUILT = "dist/testing-test";
const LIB = join(ROOT, BUILT, "lib");
const BUILD_MS = 60_000;

/** A file of tests for node:test: one passes, one is reset, two fail with a client still connected. */
const SAMPLE = (folder: string) => `
import { connect } from "node:net";
import { describe, test } from "node:test";
import { assertAskedFor, assertNotReceived, assertReceived, useHarness } from "${pathToFileURL(join(LIB, "node-test.js"))}";

const mail = useHarness({ services: ["smtp", "http"] }, { captures: ${JSON.stringify(folder)} });
let early;
try { mail.smtp; } catch (error) { early = error.message; }

function noop({ host, port }) {
  const socket = connect({ host, port }).on("error", () => {});
  return new Promise((resolve) => socket.on("data", (data) => (/^220/.test(data) ? socket.write("NOOP\\r\\n") : resolve())));
}

test("passes", async () => {
  const received = assertReceived(mail.smtp, { command: "NOOP" }, { within: 5000, times: 1 });
  await noop(mail.smtp);
  await received;
  assertNotReceived(mail.smtp, { command: "QUIT" });
  await assertNotReceived(mail.smtp, { command: "QUIT" }, { within: 1 });
  await fetch(mail.http.url + "/pub/hello.txt");
  assertAskedFor(mail.http, "/pub/*", "GET");
});

test("is reset", () => {
  assertNotReceived(mail.smtp, { command: "NOOP" });
  if (!/inside a test/.test(early)) throw new Error("read too early: " + early);
});

describe("what fails", () => {
  test("in vain", async () => {
    await noop(mail.smtp);
    await assertReceived(mail.smtp, { command: "QUIT" }, { within: 1 });
  });
  test("at once", async () => {
    await noop(mail.smtp);
    assertNotReceived(mail.smtp, { command: "NOOP" });
  });
});
`;

/** The program under test: sends mail, and tries again if it is told to come later. */
const SEND_CODE = `
import { connect } from "node:net";

export async function sendCode(to, { host, port }) {
  while (!(await attempt(to, host, port)));
}

function attempt(to, host, port) {
  const rest = ["HELO client", "MAIL FROM:<me@there.test>", "RCPT TO:<" + to + ">", "DATA", "Subject: Your code\\r\\n\\r\\n123\\r\\n.", "QUIT"];
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.on("error", reject);
    socket.on("close", () => resolve(rest.length === 0));
    socket.on("data", (reply) => {
      if (/^4/.test(reply)) return socket.destroy(); // and resolves to false
      if (rest.length > 0) socket.write(rest.shift() + "\\r\\n");
    });
  });
}
`;

describe("what is published for test runners", () => {
  const folder = mkdtempSync(join(tmpdir(), "testing-test-"));
  beforeAll(() => run("npm", ["run", "--silent", "bundle", "--", BUILT], { cwd: ROOT, timeoutMs: BUILD_MS }), BUILD_MS);
  afterAll(() => {
    rmSync(folder, { recursive: true });
    rmSync(join(ROOT, BUILT), { recursive: true, force: true });
  });

  it("serves node:test, whose process ends with clients still connected", async () => {
    const file = join(folder, "mail.test.mjs");
    const captures = join(folder, "captures");
    writeFileSync(file, SAMPLE(captures));
    const args = ["--test", "--test-reporter=tap", file];
    const { code, stdout, stderr } = await run(process.execPath, args, {
      env: { NO_COLOR: "1" },
    });
    expect(code, stderr).toBe(1);
    expect(stdout).toMatch(/^ok 1 - passes$/m);
    expect(stdout).toMatch(/^ok 2 - is reset$/m);
    expect(stdout).toMatch(/^ {4}not ok 1 - in vain$/m);
    expect(stdout).toMatch(/^ {4}not ok 2 - at once$/m);
    expect(stdout).toContain('command: wanted "QUIT", was "NOOP"');
    expect(stdout).toContain("smtp received 1 such request:");
    expect(stdout.match(/# What the services saw:/g)).toHaveLength(2);
    expect(stdout).toMatch(/^ *# C: NOOP\n *# S: 250 /m);
    expect(readdirSync(captures).sort()).toEqual([
      "mail.test.mjs-what-fails-at-once.pcapng",
      "mail.test.mjs-what-fails-in-vain.pcapng",
    ]);
  });

  it.each([
    ["a CommonJS file", "use.cjs", `const { useHarness } = require(${JSON.stringify(join(LIB, "jest.cjs"))});`],
    ["a module", "use.mjs", `import { useHarness } from "${pathToFileURL(join(LIB, "jest.js"))}";`],
  ])("loads in %s without Jest, and says where it belongs", async (_, name, load) => {
    writeFileSync(join(folder, name), `${load}\ntry { useHarness(); } catch (error) { console.log(error.message); }`);
    const { stdout, stderr } = await run(process.execPath, [join(folder, name)]);
    expect(stdout, stderr).toContain("useHarness of portwright/jest is called in a test file of Jest");
  });

  describe("as the README has it", () => {
    const FILES = {
      vitest: "mail.test.ts",
      "node-test": "node.test.js",
      jest: "jest.test.cjs",
      plain: "plain.js",
    } as const;
    const sample = join(ROOT, BUILT, "sample");

    beforeAll(() => {
      mkdirSync(sample, { recursive: true });
      writeFileSync(join(sample, "send-code.js"), SEND_CODE);
      writeFileSync(join(sample, "vitest.config.js"), "export default {};"); // and not the one of this repository
      const page = readFileSync(join(ROOT, "README.md"), "utf8");
      for (const { label, text } of blocksOf(page)) {
        const file = FILES[label.split(" ")[1] as keyof typeof FILES];
        if (file)
          writeFileSync(
            join(sample, file),
            text.replace(/"portwright(?:\/([\w-]+))?"/, (_, name = "index") => `"../lib/${name}.js"`),
          );
      }
    });

    it.each([
      [
        "Vitest",
        [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", sample, FILES.vitest],
        /Tests {2}2 passed/,
      ],
      ["node:test", ["--test", "--test-reporter=tap", join(sample, FILES["node-test"])], /^# pass 1$/m],
      ["nothing", [join(sample, FILES.plain)], /^$/],
    ])(
      "runs with %s",
      async (_, args, seen) => {
        const env = { NO_COLOR: "1" };
        const { code, stdout, stderr } = await run(process.execPath, args, { cwd: sample, env, timeoutMs: BUILD_MS });
        expect(code, stdout + stderr).toBe(0);
        expect(stdout).toMatch(seen);
      },
      BUILD_MS,
    );

    it("is good JavaScript for Jest, which is not installed here", async () => {
      const { code, stderr } = await run(process.execPath, ["--check", join(sample, FILES.jest)]);
      expect(code, stderr).toBe(0);
    });
  });

  it("imports no test runner but the one it is for", () => {
    const files = readdirSync(LIB).filter((name) => /\.c?js$/.test(name));
    const importing = files.filter((name) => {
      return /(?:from|import|require)\s*\(?\s*"(?:@?vitest|@?jest)[/"]/.test(readFileSync(join(LIB, name), "utf8"));
    });
    expect(importing).toEqual(["vitest.js"]);
  });
});
