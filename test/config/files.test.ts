import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findConfig, readConfig } from "../../src/config/read-config.ts";
import { PortwrightError } from "../../src/errors.ts";
import { check } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "portwright-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong with a file, or its value; the folder's name is left out. */
async function tell(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, text);
  const shown = relative(process.cwd(), path);
  try {
    const { value, locate } = await readConfig(path);
    check(value, locate);
    return `OK ${JSON.stringify(value)}`;
  } catch (error) {
    if (!(error instanceof PortwrightError)) throw error;
    return `${error.code} ${error.message.replaceAll(shown, name).replaceAll(path, name)}`;
  }
}

describe("a JSON file", () => {
  it.each<[string, string, string]>([
    ["good", '{\n\t"services": {\n\t\t"smtp": { "port": 2525 }\n\t}\n}', 'OK {"services":{"smtp":{"port":2525}}}'],
    ["good with a byte order mark", '\ufeff{"seed": 5}', 'OK {"seed":5}'],
    ["empty", "", "OK {}"],
    ["null", "null", "OK {}"],
    ["a list", '["smtp"]', "CONFIG_INVALID the document: expected a map, got a list (a.json:1)"],
    [
      "misspelt deep inside, with tabs",
      '{\n\t"services": {\n\t\t"smtp": {\n\t\t\t"prt": 25\n\t\t}\n\t}\n}\n',
      'CONFIG_INVALID services.smtp.prt: unknown key, did you mean "port"? (a.json:4)',
    ],
    ["of a wrong type", '{\n  "seed":\n    "x"\n}', 'CONFIG_INVALID seed: expected a number, got "x" (a.json:2)'],
    [
      "without a colon",
      '{\n  "seed": 1,\n  "ports" "auto"\n}',
      "CONFIG_UNREADABLE a.json:3:11: Missing , or : between flow map items",
    ],
    ["cut short", '{\n  "seed": 1', "CONFIG_UNREADABLE a.json:2:12: Flow map must end with a }"],
    ["with a key twice", '{\n  "seed": 1,\n  "seed": 2\n}', "CONFIG_UNREADABLE a.json:3:3: Map keys must be unique"],
  ])("that is %s", async (_, text, expected) => {
    expect(await tell("a.json", text)).toBe(expected);
  });
});

describe("a YAML file", () => {
  it.each<[string, string, string]>([
    ["good", "services: [smtp]\nhost:\n  - ::1\n", 'OK {"services":["smtp"],"host":["::1"]}'],
    ["a comment", "# nothing yet\n", "OK {}"],
    [
      "misspelt, its value on the next line",
      "seed: 1\nservces:\n  - smtp\n",
      'CONFIG_INVALID servces: unknown key, did you mean "services"? (a.yaml:2)',
    ],
    [
      "wrong in an item of a list",
      "services:\n  - smtp\n  - dsn\n",
      'SERVICE_UNKNOWN services[1]: there is no service "dsn"; did you mean "dns"? (a.yaml:3)',
    ],
    [
      "wrong about another service",
      "services:\n  smtp: true\n  backup:\n    port: 5\n    service: smpt\n",
      'SERVICE_UNKNOWN services.backup.service: there is no service "smpt"; did you mean "smtp"? (a.yaml:5)',
    ],
    [
      "without a key that must be there: the map's own line is told",
      "world:\n  accounts:\n    - name: a\n      password: b\n    -\n      name: c\n",
      "CONFIG_INVALID world.accounts[1].password: it is missing (a.yaml:6)",
    ],
    [
      "misspelt where a key must be there",
      "world:\n  accounts:\n    - name: a\n      pasword: b\n",
      'CONFIG_INVALID world.accounts[0].pasword: unknown key, did you mean "password"? (a.yaml:4)',
    ],
    [
      "of YAML's own types",
      "world:\n  accounts:\n    - { name: a, password: 1234 }\n",
      "CONFIG_INVALID world.accounts[0].password: expected a string, got 1234 (a.yaml:3)",
    ],
    ["of YAML 1.1's booleans", "expose: yes\n", 'CONFIG_INVALID expose: expected true or false, got "yes" (a.yaml:1)'],
    [
      "of a service without a value",
      "services:\n  smtp:\n",
      "CONFIG_INVALID services.smtp: expected true or a map, got null (a.yaml:2)",
    ],
    [
      "with a bad port scheme",
      "seed: 1\n\nports: atuo\n",
      'PORT_SCHEME_UNKNOWN ports: "atuo" is not a port scheme: did you mean auto? Schemes are auto, well-known, ephemeral and offset:N (a.yaml:3)',
    ],
    [
      "that exposes without saying so",
      "host:\n  - 0.0.0.0\n",
      "EXPOSURE_REFUSED host: 0.0.0.0 can be reached by other machines, which must be asked for (a.yaml:1)",
    ],
    [
      "with a bad block",
      "seed: 1\nallow: [x]\n",
      'ADDRESS_INVALID allow: "x" is not a CIDR block such as 192.0.2.0/24: "x" is not an IP address (a.yaml:2)',
    ],
    [
      "with a range upside down",
      "channelPorts: 9-3\n",
      "CONFIG_INVALID channelPorts: expected two ports from 1 to 65535, the lower first, got 9-3 (a.yaml:1)",
    ],
    [
      "with a dedented key",
      "services:\n  smtp:\n   port: 1\n  dns\n",
      "CONFIG_UNREADABLE a.yaml:4:3: Implicit map keys need to be followed by map values",
    ],
    ["with a key twice", "seed: 1\nports: auto\nseed: 2\n", "CONFIG_UNREADABLE a.yaml:3:1: Map keys must be unique"],
    [
      "with an alias that nobody set",
      "seed: *x\n",
      "CONFIG_UNREADABLE a.yaml: Unresolved alias (the anchor must be set before the alias): x",
    ],
    [
      "that would fill the memory",
      `${Array.from({ length: 9 }, (_, at) => `k${at}: &a${at} [${Array(10).fill(at ? `*a${at - 1}` : "x")}]`).join("\n")}\n`,
      "CONFIG_UNREADABLE a.yaml: Excessive alias count indicates a resource exhaustion attack",
    ],
    [
      "of a megabyte and more",
      `# ${"x".repeat(1024 * 1024)}\n`,
      "CONFIG_UNREADABLE a.yaml: 1048579 characters are too many; a configuration has at most 1048576",
    ],
    ["text", "seed = 5\n", 'CONFIG_INVALID the document: expected a map, got "seed = 5" (a.yaml:1)'],
  ])("that is %s", async (_, text, expected) => {
    expect(await tell("a.yaml", text)).toBe(expected);
  });
});

describe("a module", () => {
  it.each<[string, string, string, string]>([
    ["TypeScript", "good.ts", "export default { seed: 5 } satisfies { seed: number };\n", 'OK {"seed":5}'],
    ["TypeScript that waits", "good.mts", "export default await Promise.resolve({ seed: 5 });\n", 'OK {"seed":5}'],
    ["JavaScript", "good.mjs", "export default { seed: 5 };\n", 'OK {"seed":5}'],
    ["CommonJS", "good.cjs", "module.exports = { seed: 5 };\n", 'OK {"seed":5}'],
    [
      "misspelt",
      "bad.ts",
      "export default { seeed: 5 };\n",
      'CONFIG_INVALID seeed: unknown key, did you mean "seed"? (bad.ts)',
    ],
    [
      "a function",
      "fn.ts",
      "export default () => ({});\n",
      "CONFIG_INVALID the document: expected a map, got Function (fn.ts)",
    ],
    [
      "not TypeScript at all",
      "syntax.ts",
      "export default {\n  seed: ;\n",
      "CONFIG_UNREADABLE syntax.ts:2:8: ParseError: Unexpected token",
    ],
    ["one that throws", "throws.ts", 'throw new Error("a mistake");\n', "CONFIG_UNREADABLE throws.ts: a mistake"],
    ["one that throws no error", "text.ts", 'throw "a mistake";\n', "CONFIG_UNREADABLE text.ts: a mistake"],
    [
      "one that needs another",
      "imports.ts",
      'import { x } from "./none.ts";\nexport default x;\n',
      "CONFIG_UNREADABLE imports.ts: Cannot find module './none.ts'",
    ],
  ])("that is %s", async (_, name, text, expected) => {
    expect(await tell(name, text)).toBe(expected);
  });
});

describe("a configuration", () => {
  it.each([
    ["is not there", "absent.yaml", /^absent\.yaml: ENOENT: no such file or directory/],
    ["is a folder", ".", /^\.: EISDIR/],
  ])("that %s cannot be read", async (_, path, message) => {
    await expect(readConfig(path)).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  it.each(["json", "yaml", "yml", "ts", "mts", "js", "mjs"])("is found as portwright.config.%s", async (type) => {
    const home = mkdtempSync(join(folder, "home-"));
    const path = join(home, `portwright.config.${type}`);
    writeFileSync(path, /j[s]on|ya?ml/.test(type) ? '{ "seed": 5 }' : "export default { seed: 5 };");
    expect(await findConfig(home)).toMatchObject({ path, value: { seed: 5 } });
  });

  it("is not found where there is none", async () => {
    expect(await findConfig(mkdtempSync(join(folder, "home-")))).toBeUndefined();
  });
});
