import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { services } from "../../services/registry.ts";
import type { FieldTable, Service } from "../../src/contract/service.ts";
import { type Harness, start } from "../../src/index.ts";
import { run, SLOW } from "../witness/clients.ts";
import { blocksOf, plain, sectionsOf, tablesOf } from "./markdown.ts";
import { generatedTables, withTables } from "./tables.ts";

const SECTIONS = [
  "Name",
  "Description",
  "Options",
  "Requests and replies",
  "Rules",
  "Faults",
  "Triggers",
  "Deviations",
  "Examples",
  "Specs",
];

const ALL: readonly Service[] = Object.values(services);

/** What a section says, or the section of another service that it says it is the same as. */
function original(heading: string, text: string): string {
  const [, other] = /^\s*The same as those of \[\w+\]\(\.\.\/(\w+)\/README\.md#[\w-]+\)/.exec(text) ?? [];
  if (other === undefined || tablesOf(text).length > 0) return text;
  return (
    sectionsOf(readFileSync(join(import.meta.dirname, "../../services", other, "README.md"), "utf8")).get(heading) ?? ""
  );
}

let harness: Harness;
let folder: string;

beforeAll(async () => {
  harness = await start({ triggers: true });
  folder = mkdtempSync(join(tmpdir(), "readme-examples-"));
  harness.ca.file(join(folder, "ca.pem"));
});
beforeEach(() => harness.reset());
afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

describe.each(ALL.map((service) => [service.name, service] as const))("the README of %s", (name, service) => {
  const page = readFileSync(join(import.meta.dirname, "../../services", name, "README.md"), "utf8");
  const sections = sectionsOf(page);
  const section = (heading: string) => original(heading, sections.get(heading) ?? "");

  it("has its sections in their order", () => {
    expect(page.startsWith(`# ${name}\n`)).toBe(true);
    const expected = SECTIONS.filter((heading) => heading !== "Triggers" || service.triggers);
    expect([...sections.keys()]).toEqual(expected);
  });

  it("has the tables that are made from its definition as they should be: npm run tables", async () => {
    expect(withTables(page, await generatedTables(service))).toBe(page);
  });

  it("names the service, its port and its transports", () => {
    const transports = service.transports.map((transport) => transport.toUpperCase());
    const text = section("Name");
    for (const word of [`\`${name}\``, service.title, `port ${service.port}`, ...transports])
      expect(text).toContain(word);
  });

  it("lists every option with its default, and no other", () => {
    const listed = tablesOf(section("Options"))[0]?.map(([key = "", , preset = ""]) => [plain(key), plain(preset)]);
    const { entries } = service.options as unknown as { entries: { [key: string]: v.GenericSchema } };
    const declared = Object.entries(entries).map(([key, schema]) => [
      key,
      JSON.stringify(v.getDefault(schema as never)),
    ]);
    expect(listed).toEqual(declared);
  });

  it("explains every field of requests and replies in the words of the definition", () => {
    const tables = tablesOf(section("Requests and replies")).slice(0, 2);
    const declared = (table: FieldTable) =>
      Object.entries(table).map(([field, { type, doc }]) => [`\`${field}\``, type, doc]);
    expect(tables).toEqual([declared(service.request), declared(service.reply)]);
  });

  it("links the RFCs that the definition names, and no RFC is called by another's link", () => {
    const text = section("Specs");
    for (const spec of service.specs) expect(text).toContain(spec.split(" section", 1)[0]);
    for (const [, shown, linked] of text.matchAll(/\[RFC (\d+)\]\([^)]*rfc(\d+)\)/g)) expect(shown).toBe(linked);
  });

  const blocks = blocksOf(section("Examples"));
  const examples = blocks.flatMap(({ label, text }, at) => {
    const next = blocks[at + 1];
    return label === "sh" ? [{ script: text, output: next?.label === "text" ? next.text : undefined }] : [];
  });

  it("shows at least one example, and what each prints", () => {
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.filter(({ output }) => output === undefined)).toEqual([]);
  });

  it.each(examples)("tells the truth: $script", SLOW, async ({ script, output = "" }) => {
    const [transport] = service.transports;
    const { host, port } = harness.endpoint(name, { transport: transport ?? "tcp", host: "127.0.0.1" });
    const env = { HOST: host, PORT: String(port), PORTWRIGHT_CA_FILE: join(folder, "ca.pem") };
    const { code, stdout, stderr } = await run("bash", ["-e", "-c", script], { env, cwd: folder });
    expect(stdout.replace(/[ \r]+$/gm, ""), stderr).toMatch(patternOf(output));
    expect(code, stderr).toBe(0);
  });
});

/** `...` on a line of its own stands for any lines, `{*}` for anything within a line. */
function patternOf(output: string): RegExp {
  const lines = output.replace(/[ \r]+$/gm, "").match(/.*\n/g) ?? [];
  const source = lines.map((line) => (line === "...\n" ? "(?:.*\\n)*?" : line.split("{*}").map(literal).join(".*")));
  return new RegExp(`^${source.join("")}$`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
