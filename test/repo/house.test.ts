import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { type Harness, start } from "../../src/index.ts";
import { run, SLOW } from "../witness/clients.ts";
import { blocksOf, plain, sectionsOf, tablesOf } from "./markdown.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["docker", "fixtures", "services", "src", "test"];
const MAX_LINES = 500;

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const LIST = ["-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"];
/** Every file that git knows, or would take. */
const files = spawnSync("git", LIST, { cwd: ROOT, encoding: "utf8" })
  .stdout.split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));
const pages = files.filter((path) => path.endsWith(".md"));
const ALL: readonly Service[] = Object.values(services);

describe("the house", () => {
  it("has no rooms but those of the design", () => {
    const folders = new Set(files.filter((path) => path.includes("/")).map((path) => path.split("/", 1)[0] ?? ""));
    expect([...folders].filter((folder) => !folder.startsWith(".")).sort()).toEqual(FOLDERS);
  });

  it("keeps every file of the code short", () => {
    const long = files
      .filter((path) => /^(src|services)\/.*\.ts$/.test(path))
      .filter((path) => read(path).split("\n").length - 1 > MAX_LINES);
    expect(long).toEqual([]);
  });

  it("names files in kebab-case", () => {
    const odd = files.filter((path) => path.endsWith(".ts") && !/^[a-z0-9.-]+\.ts$/.test(path.split("/").at(-1) ?? ""));
    expect(odd).toEqual([]);
  });

  it.each(pages)("%s links only to what is there", (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g)].map(([, target = ""]) => target);
    const local = links.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });
});

describe("every service", () => {
  it("is a folder that is registered, and a folder is a service", () => {
    const folders = files.flatMap((path) => /^services\/([^/]+)\//.exec(path)?.[1] ?? []);
    expect([...new Set(folders)].sort()).toEqual(Object.keys(services).sort());
  });

  it.each(Object.entries<Service>(services))("%s has one name: folder, export, word", async (name, service) => {
    expect(service.name).toBe(name);
    const module = (await import(join(ROOT, "services", name, "index.ts"))) as { [exported: string]: unknown };
    expect(module[name]).toBe(service);
    expect(existsSync(join(ROOT, "services", name, "README.md"))).toBe(true);
  });

  it.each(ALL)("$name has dialogues, proves itself, and can be tried", ({ name, transports, probe, example }) => {
    expect(files.filter((path) => path.startsWith(`services/${name}/dialogues/`)).length).toBeGreaterThan(0);
    for (const transport of transports) {
      expect(probe[transport]?.length).toBeGreaterThan(0);
      const shown = example({ host: "192.0.2.7", port: 10_007, transport });
      expect(shown).toContain("192.0.2.7");
      expect(shown).toContain("10007");
    }
  });

  it.each(ALL)("$name says what it is in words", ({ title, specs, request, reply, scheme, host }) => {
    for (const text of [title, scheme, host, ...specs]) expect(text).not.toBe("");
    for (const { doc } of [...Object.values(request), ...Object.values(reply)]) expect(doc.length).toBeGreaterThan(8);
  });
});

describe("the README", () => {
  const page = read("README.md");
  const scripts = (JSON.parse(read("package.json")) as { scripts: { [name: string]: string } }).scripts;

  it("says only scripts that there are", () => {
    const said = pages.flatMap((path) => [
      ...read(path).matchAll(/npm (?:run (?:--silent )?([\w:]+)|(start|test)\b)/g),
    ]);
    const names = new Set(said.map(([, name, short]) => name ?? short ?? ""));
    expect([...names].filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it("gives two commands from a fresh clone, and no more", () => {
    const [first] = blocksOf(page);
    expect(first?.label).toBe("sh");
    const commands = first?.text
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/\s*#.*/, ""));
    expect(commands).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  });

  it("has npm start hand its arguments to up", SLOW, async () => {
    const args = ["start", "--", "smtp", "dns", "--ports", "ephemeral", "--for", "10ms"];
    const { code, stdout, stderr } = await run("npm", args, { cwd: ROOT });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/\bsmtp\b.*\bdns\b/s);
  });

  const rows = tablesOf(sectionsOf(page).get("What answers where") ?? "")[0] ?? [];

  it("tells what answers where", () => {
    const listed = rows.map(([name = "", iana, high]) => [/^\[(\w+)\]/.exec(name)?.[1], iana, high]);
    const wanted = ALL.map(({ name, port, transports }) => {
      return [name, `${port} ${[...transports].sort().join(", ")}`, String(10_000 + port)];
    });
    expect(listed).toEqual(wanted);
  });

  it("has a command for each that works", SLOW, async () => {
    await using harness = await start({ host: "127.0.0.1" });
    const folder = mkdtempSync(join(tmpdir(), "readme-"));
    harness.ca.file(join(folder, "ca.pem"));
    for (const [, , high = "", shown = ""] of rows) await tryOut(harness, Number(high) - 10_000, shown, folder);
    rmSync(folder, { recursive: true });
  });
});

/** Runs the command of a row against a harness that listens elsewhere. */
async function tryOut(harness: Harness, wellKnown: number, shown: string, cwd: string): Promise<void> {
  const { name, port } = harness.endpoints.find((endpoint) => endpoint.wellKnown === wellKnown) ?? {
    name: "",
    port: 0,
  };
  const command = plain(shown.replace(/ \(.*\)$/, "")).replaceAll(String(10_000 + wellKnown), String(port));
  const { code, stdout, stderr } = await run("bash", ["-c", command], { cwd });
  // The identification is all that ssh gets so far.
  expect([name, code], stderr).toEqual([name, name === "ssh" ? 255 : 0]);
  if (name !== "discard") expect(stdout + stderr).not.toBe("");
  expect(harness.journal.find({ service: name }).length).toBeGreaterThan(0);
}
