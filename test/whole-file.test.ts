import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PortwrightError } from "../src/errors.ts";
import { writeWholeFile } from "../src/whole-file.ts";

const folder = mkdtempSync(join(tmpdir(), "whole-file-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a whole file", () => {
  it("replaces an older one, readable by all, with nothing left beside it", () => {
    const path = join(folder, "ports.json");
    writeFileSync(path, "an older one", { mode: 0o600 });
    writeWholeFile(path, "{}");
    expect(readFileSync(path, "utf8")).toBe("{}");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(["ports.json"]);
  });

  it.each([
    ["in a folder that is missing", join("missing", "ca.pem"), "ENOENT"],
    ["in place of a folder", ".", ""],
  ])("%s says where it cannot be written, and leaves nothing behind", (_where, name, reason) => {
    const place = mkdtempSync(join(folder, "place-"));
    const path = join(place, name);
    const write = () => writeWholeFile(path, "x");
    expect(write).toThrow(PortwrightError);
    expect(write).toThrow(`${path}: cannot be written: ${reason}`);
    expect(readdirSync(place)).toEqual([]);
  });

  it("says so where there is not even anything to clean up", () => {
    const path = join(import.meta.filename, "ports.json");
    expect(() => writeWholeFile(path, "x")).toThrow(`${path}: cannot be written: ENOTDIR`);
  });
});
