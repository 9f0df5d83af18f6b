import Table from "cli-table3";
import { colors, isColored } from "./colors.ts";

/** A table for a terminal, with bold heads. */
export function drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: head.map((title) => colors.bold(title)),
    style: { head: [], border: isColored ? ["gray"] : [] },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
