/** A fenced block: what its opening line says (`sh`, `ts services/echo/machine.ts`), and its text. */
export interface Block {
  readonly label: string;
  readonly text: string;
}

/** The part of a page under one heading of the second level, by that heading, in order. */
export function sectionsOf(page: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  const parts = outsideBlocks(page).split(/^## /m);
  let at = (parts[0] ?? "").length;
  for (const part of parts.slice(1)) {
    const whole = page.slice(at + 3, at + 3 + part.length);
    const [heading = ""] = whole.split("\n", 1);
    sections.set(heading.trim(), whole.slice(heading.length));
    at += 3 + part.length;
  }
  return sections;
}

/** The fenced blocks of a text, in order. */
export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\S.*)\n((?:.*\n)*?)```$/gm)].map(([, label = "", body = ""]) => ({
    label,
    text: body,
  }));
}

/** The tables of a text, each as rows of cells without the heading row; code spans keep their marks. */
export function tablesOf(text: string): readonly (readonly (readonly string[])[])[] {
  return [...outsideBlocks(text).matchAll(/^(?:\|.*\n)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((row) =>
        row
          .replace(/^\||\|$/g, "")
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll("\\|", "|")),
      ),
  );
}

/** What a code span says, or the cell itself. */
export function plain(cell: string): string {
  return /^`(.*)`$/.exec(cell)?.[1] ?? cell;
}

/** The text with blocks blanked out, place for place. */
function outsideBlocks(text: string): string {
  return text.replace(/^```\S.*\n(?:.*\n)*?```$/gm, (block) => block.replace(/[^\n]/g, " "));
}
