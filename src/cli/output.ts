/** Prints data: one JSON document when piped or asked for, otherwise as `people` writes it on the terminal. */
export async function print(
  data: unknown,
  json: boolean | undefined,
  people: () => Promise<string> | string,
): Promise<void> {
  const text = (json ?? !process.stdout.isTTY) ? JSON.stringify(data, null, 2) : await people();
  process.stdout.write(`${text}\n`);
}

/** A table for a terminal; what draws it is loaded when it is needed. */
export async function table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  return (await import("./table.ts")).drawTable(head, rows);
}

/** The option of every command that prints data. */
export const jsonOption = { type: "boolean", describe: "JSON [default: when piped]" } as const;
