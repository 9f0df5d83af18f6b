import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { services } from "../../services/registry.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("the registry", () => {
  it("knows each service by its own name", () => {
    expect(Object.values(services).map((service) => service.name)).toEqual(Object.keys(services));
  });

  it("is in the order of the ports", () => {
    const ports = Object.values(services).map((service) => service.port);
    expect(ports).toEqual(ports.toSorted((a, b) => a - b));
  });
});

describe("how to write a service", () => {
  const text = readFileSync(join(ROOT, "services/README.md"), "utf8");
  const blocks = [...text.matchAll(/^```\w+ (services\/\S+)\n(.*?)^```$/gms)];

  it.each(blocks.map(([, path, code]) => [path, code] as const))("shows %s as it is", (path, code) => {
    expect(code).toBe(readFileSync(join(ROOT, String(path)), "utf8"));
  });

  it("shows all of echo", () => {
    expect(blocks.map(([, path]) => path)).toEqual(
      expect.arrayContaining(["machine", "responder", "index"].map((file) => `services/echo/${file}.ts`)),
    );
  });
});
