/** Prints data: one JSON document when piped or asked for, otherwise as `people` writes it on the terminal. */
export async function print(
  data: unknown,
  json: boolean | undefined,
  people: () => Promise<string> | string,
): Promise<void> {
  const text = (json ?? !process.stdout.isTTY) ? JSON.stringify(data, null, 2) : await people();
  process.stdout.write(`${text}\n`);
}

/** A table for a terminal, with bold heads. */
export async function table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  const [{ default: Table }, { default: colors }] = await Promise.all([import("cli-table3"), import("yoctocolors")]);
  const drawn = new Table({ head: head.map((title) => colors.bold(title)), style: { head: [], border: ["gray"] } });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString();
}

/** The option of every command that prints data. */
export const jsonOption = { type: "boolean", describe: "JSON [default: when piped]" } as const;
