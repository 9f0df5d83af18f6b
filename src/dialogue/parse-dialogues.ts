import type { Dialogue } from "./dialogue.ts";
import { parseDialogue } from "./parse-dialogue.ts";

/**
 * Reads a file with several dialogues, each from its `service:` line on, as captures write them; those in which nobody says
 * anything are left out. Throws `DIALOGUE_MALFORMED` with file and line.
 */
export function parseDialogues(text: string, source: string): Dialogue[] {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, index) => (/^service:/.test(line) ? [index] : []));
  return (starts.length > 1 ? starts : [0])
    .map((start, index) => {
      const end = index === starts.length - 1 || starts.length <= 1 ? lines.length : starts[index + 1];
      // Empty lines in front, so that a mistake is told with its own line.
      const own = [...Array.from({ length: start }, () => ""), ...lines.slice(start, end)];
      return parseDialogue(own.join("\n"), source);
    })
    .filter(({ steps }) => steps.length > 0);
}
