import Table from "cli-table3";
import { colors, isColored } from "./colors.ts";

/** A table for a terminal, with bold heads. */
export function drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: head.map((title) => colors.bold(title)),
    style: { head: [], border: isColored ? ["gray"] : [] },
    // No line between rows: there are many of them.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
