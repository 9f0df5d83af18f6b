import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import type { Dialogue } from "../../src/dialogue/dialogue.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { playDialogue } from "../../src/dialogue/play.ts";
import { rehearse } from "../../src/dialogue/rehearse.ts";
import { socketClient } from "../../src/dialogue/socket-client.ts";
import { writeDialogue } from "../../src/dialogue/write-dialogue.ts";
import { trusting } from "../../src/transport/client.ts";
import { ManualClock, systemClock } from "../../src/world/clock.ts";
import { openHarness } from "../supervisor/fixture.ts";

const SERVICES = join(import.meta.dirname, "../../services");
const fixtures = loadFixtures();

/** Plays a dialogue with a service that really listens. */
async function playLive(dialogue: Dialogue, service: Service): Promise<void> {
  // A certificate must be valid for the client's clock, which is the system's.
  const clock = service.tls ? systemClock : new ManualClock(dialogue.clock);
  const document = { services: { [service.name]: dialogue.options }, host: "127.0.0.1" };
  await using harness = await openHarness(document, [], { clock });
  const { host, port } = harness.endpoint(service.name, { transport: dialogue.transport });
  const tls = service.tls ? trusting(harness.ca.pem, "localhost") : undefined;
  const client = await socketClient(host, port, dialogue.transport, tls);
  await playDialogue(dialogue, service, client, { pieces: "whole" });
}

for (const service of Object.values(services) as Service[]) {
  const folder = join(SERVICES, service.name, "dialogues");
  const dialogues = readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      return { file, dialogue: parseDialogue(text, `services/${service.name}/dialogues/${file}`) };
    });

  describe(`the dialogues of ${service.name}`, () => {
    it.each(dialogues)(
      "$file comes whole, one octet at a time, and back from the journal",
      async ({ file, dialogue }) => {
        expect(dialogue.service).toBe(service.name);
        const journal = await rehearse(dialogue, service, fixtures, { pieces: "whole" });
        await rehearse(dialogue, service, fixtures, { pieces: "octets" });
        const written = writeDialogue(journal.find(), { service: service.name, options: dialogue.options });
        const again = parseDialogue(written, `${file}, written back`);
        expect(again.steps.length).toBeGreaterThan(0);
        await rehearse(again, service, fixtures, { pieces: "whole" });
      },
    );

    it.each(dialogues.filter(({ dialogue }) => !dialogue.onlyMachine))(
      "$file comes over a real socket",
      ({ dialogue }) => playLive(dialogue, service),
    );
  });
}
