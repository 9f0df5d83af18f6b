import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { check, mistake, registry } from "./fixture.ts";

const schema = configJsonSchema(registry) as { properties: Record<string, object> };
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);

describe("the JSON Schema", () => {
  it.each<object>([
    {},
    { $schema: "./portwright.schema.json" },
    { services: ["smtp", "dns"] },
    { services: { smtp: true, backup: { service: "smtp", port: 2525, banner: "two" }, dns: { port: 0 } } },
    { ports: "offset:20000", host: ["127.0.0.1"], expose: true, allow: ["10.0.0.0/8"], strict: true, seed: 5 },
    { channelPorts: "50000-50100", graceMs: 100, user: "nobody", limits: { maxSessions: 5 } },
    { world: { domain: "x.test", accounts: [{ name: "a", password: "b" }], files: { "/a": "b" }, quotes: ["q"] } },
    { world: { zones: { "x.test": { www: "192.0.2.1" }, "y.test": "@ SOA ..." } } },
    { triggers: true, clock: "manual" },
    { services: { smtp: { rules: [{ when: { command: "RCPT", to: "full@*" }, reply: { code: 452 }, times: 2 }] } } },
    { services: { smtp: { rules: [{ fault: "reset" }, { fault: { latency: "50ms", slice: 1 }, chance: 0.5 }] } } },
    { services: { dns: { rules: [{ when: { name: { not: "a.test" }, nth: { min: 2 } }, fault: ["drop"] }] } } },
    {
      services: {
        smtp: { rules: [{ sequence: [{ reply: 421 }, { fault: { reset: { after: 3 } } }, {}], repeat: true }] },
      },
    },
  ])("takes %j, as the check does", (document) => {
    expect(mistake(() => check(document))).toBe("OK");
    expect([validate(document), validate.errors]).toEqual([true, null]);
  });

  it.each<object>([
    { servces: [] },
    { services: "smtp" },
    { services: ["smpt"] },
    { services: { smtp: false } },
    { services: { smtp: { bannr: "x" } } },
    { services: { smtp: { port: 70_000 } } },
    { services: { smtp: { port: 2.5 } } },
    { services: { backup: true } },
    { services: { backup: { service: "smpt" } } },
    { ports: 5 },
    { host: 5 },
    { allow: "10.0.0.0/8" },
    { seed: -1 },
    { channelPorts: "50000" },
    { limits: { maxSession: 5 } },
    { limits: { maxSessions: 0 } },
    { world: { domain: "Example.Test" } },
    { world: { accounts: [{ name: "x" }] } },
    { world: { files: { "/a": 5 } } },
    { clock: "sundial" },
    { services: { smtp: { rules: {} } } },
    { services: { smtp: { rules: [{ when: { comand: "RCPT" }, reply: 452 }] } } },
    { services: { smtp: { rules: [{ reply: { cod: 452 } }] } } },
    { services: { http: { rules: [{ reply: { sttus: 1 } }] } } },
    { services: { smtp: { rules: [{ fault: "rest" }] } } },
    { services: { smtp: { rules: [{ fault: {} }] } } },
    { services: { smtp: { rules: [{ fault: "reset", times: 0 }] } } },
    { services: { smtp: { rules: [{ when: { phase: "late" }, fault: "reset" }] } } },
  ])("refuses %j, as the check does", (document) => {
    expect(mistake(() => check(document))).not.toBe("OK");
    expect(validate(document)).toBe(false);
  });

  it("describes every setting and every option of every service", () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string) => {
      if (typeof node !== "object" || node === null) return;
      for (const [name, property] of Object.entries((node as { properties?: object }).properties ?? {})) {
        const here = `${path}.${name}`;
        const { description, properties, anyOf } = property as {
          description?: string;
          properties?: object;
          anyOf?: [];
        };
        if (description === undefined && !properties && !anyOf) undescribed.push(here);
        visit(property, here);
        for (const one of anyOf ?? []) visit(one, here);
      }
    };
    visit(schema, "");
    // Their names say it, or their parent does.
    const clear = /^\.\$schema$|^\.world\.domain$|\.accounts\.|^\.services\.service$|\.rules\b/;
    expect(undescribed.filter((path) => !clear.test(path))).toEqual([]);
  });
});
