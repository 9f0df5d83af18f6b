import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { rehearse } from "../../src/dialogue/rehearse.ts";
import { writeDialogue } from "../../src/dialogue/write-dialogue.ts";
import type { Service } from "../../src/contract/service.ts";

const SERVICES = join(import.meta.dirname, "../../services");
const fixtures = loadFixtures();

for (const service of Object.values(services) as Service[]) {
  const folder = join(SERVICES, service.name, "dialogues");
  const files = readdirSync(folder).filter((file) => file.endsWith(".txt"));

  describe(`the dialogues of ${service.name}`, () => {
    it.each(files)("%s comes whole, one octet at a time, and back from the journal", async (file) => {
      const dialogue = parseDialogue(readFileSync(join(folder, file), "utf8"), `services/${service.name}/dialogues/${file}`);
      expect(dialogue.service).toBe(service.name);
      const journal = await rehearse(dialogue, service, fixtures, { pieces: "whole" });
      await rehearse(dialogue, service, fixtures, { pieces: "octets" });
      if (dialogue.transport === "tcp") {
        const written = writeDialogue(journal.find(), { service: service.name, options: dialogue.options });
        const again = parseDialogue(written, `${file}, written back`);
        await rehearse(again, service, fixtures, { pieces: "whole" });
      }
    });
  });
}
