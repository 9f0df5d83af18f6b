import { services } from "../services/registry.ts";
import type { Service } from "./contract/service.ts";
import { parseDialogues } from "./dialogue/parse-dialogues.ts";
import { playDialogue } from "./dialogue/play.ts";
import { socketClient } from "./dialogue/socket-client.ts";
import { withoutDates } from "./dialogue/without-dates.ts";
import { PortwrightError } from "./errors.ts";
import type { Harness } from "./supervisor/harness.ts";
import { trusting } from "./transport/client.ts";

/** What of a harness a replay needs: any has it, whatever its services. */
type Replayed = Pick<Harness, "endpoints" | "ca">;

/**
 * Plays the client of dialogues, such as `harness.export("dialogue")` and `--capture FILE.txt` write them, one after the
 * other over real sockets, and compares every octet that the services answer. Dates may be others.
 *
 * Rejects with `DIALOGUE_DIFFERS` at the first line that does not come as written, with `DIALOGUE_MALFORMED` for a text
 * that is none, and with `ENDPOINT_ABSENT` if the service does not run. `source` is what messages call the text.
 *
 *     await replay(harness, readFileSync("session.txt", "utf8"));
 */
export async function replay(harness: Replayed, text: string, source = "dialogue"): Promise<void> {
  for (const dialogue of parseDialogues(text, source)) {
    const service = (services as unknown as { readonly [name: string]: Service | undefined })[dialogue.service];
    const endpoint = harness.endpoints.find(
      (one) => one.service === dialogue.service && one.transport === dialogue.transport && one.status === "ready",
    );
    if (!service || !endpoint) {
      throw new PortwrightError("ENDPOINT_ABSENT", `${dialogue.service} does not run here over ${dialogue.transport}`, {
        place: source,
      });
    }
    const tls = service.tls ? trusting(harness.ca.pem, "localhost") : undefined;
    const client = await socketClient(endpoint.host, endpoint.port, dialogue.transport, tls);
    await playDialogue(withoutDates(dialogue), service, client, { pieces: "whole" });
  }
}
