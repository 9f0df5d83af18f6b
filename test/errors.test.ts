import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, PortwrightError } from "../src/errors.ts";

const source = fileURLToPath(new URL("../src", import.meta.url));
const texts = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && name !== "errors.ts")
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");

describe("the table of codes", () => {
  it.each(Object.keys(ERROR_CODES))("holds %s, which something produces", (code) => {
    expect(texts).toContain(`"${code}"`);
  });

  it.each(Object.entries(ERROR_CODES))("says in one line what %s means", (_, meaning) => {
    expect(meaning).toMatch(/^[A-Z][^\n]{10,140}\.$/);
  });
});

describe("an error", () => {
  it("starts with its place", () => {
    const error = new PortwrightError("PORT_CLASH", "port 25 is wanted twice", { place: "services.mx2.port" });
    expect(error.message).toBe("services.mx2.port: port 25 is wanted twice");
    expect(error).toMatchObject({
      name: "PortwrightError",
      code: "PORT_CLASH",
      place: "services.mx2.port",
      remedies: [],
    });
  });

  it("keeps its cause and its remedies", () => {
    const cause = new Error("deeper");
    const error = new PortwrightError("PORT_TAKEN", "taken", { cause, remedies: ["kill 900"] });
    expect(error).toMatchObject({ message: "taken", cause, remedies: ["kill 900"] });
    expect(error.place).toBeUndefined();
    expect("cause" in new PortwrightError("PORT_TAKEN", "taken")).toBe(false);
  });
});
