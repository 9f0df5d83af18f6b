import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { VERBS as FTP_VERBS } from "../../services/ftp/verbs.ts";
import { ENDPOINTS } from "../../services/http/demo/directory.ts";
import { services } from "../../services/registry.ts";
import { VERBS as SMTP_VERBS } from "../../services/smtp/verbs.ts";
import type { Fields } from "../../src/contract/machine.ts";
import type { Service } from "../../src/contract/service.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { rehearse } from "../../src/dialogue/rehearse.ts";

interface Exchange {
  readonly request: Fields;
  readonly reply: Fields;
}

/** What the dialogues of a service ask it, and how it answers. */
async function exchangesOf(service: Service): Promise<readonly Exchange[]> {
  const folder = join(import.meta.dirname, "../../services", service.name, "dialogues");
  const journals = readdirSync(folder).map((file) =>
    rehearse(parseDialogue(readFileSync(join(folder, file), "utf8"), file), service, loadFixtures(), {
      pieces: "whole",
    }),
  );
  return (await Promise.all(journals)).flatMap((journal) => journal.exchanges());
}

/** `/status/{codes}` for `/status/418`. */
function matches(template: string, path: string): boolean {
  const source = template.replace(/\{\w+\*\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source}$`).test(path);
}

describe("dialogues reach", () => {
  it.each([
    ["smtp", SMTP_VERBS],
    ["ftp", FTP_VERBS],
  ] as const)("every verb of %s", async (name, verbs) => {
    const said = new Set((await exchangesOf(services[name])).map(({ request }) => request.command));
    expect([...verbs.keys()].filter((verb) => !said.has(verb))).toEqual([]);
  });

  it("every verb of smtp in every state in which it is not legal", async () => {
    const said = (await exchangesOf(services.smtp)).map(({ request, reply }) => `${request.command} ${reply.text}`);
    const illegal = [...SMTP_VERBS].flatMap(([verb, row]) =>
      Object.entries(row.illegal).map(([state, { fields }]) => ({ verb, state, said: `${verb} ${fields.text}` })),
    );
    expect(illegal.length).toBeGreaterThan(0);
    expect(illegal.filter((one) => !said.includes(one.said))).toEqual([]);
  });

  it("every demo endpoint of http", async () => {
    const paths = (await exchangesOf(services.http)).map(({ request }) => String(request.path));
    const missed = ENDPOINTS.filter(({ path }) => !paths.some((one) => matches(path, one)));
    expect(missed.map(({ path }) => path)).toEqual([]);
  });
});
