/** How patient every resolver is told to be: it tries twice; longer than this part of its timeout, it has waited. */
export const CLIENT = { tries: 2, late: 0.8 } as const;

const SHOWN_CHARACTERS = 40;

/** What a resolver found, on one line. */
export function shown(values: readonly string[]): string {
  const text = values.join(" ");
  if (text === "") return "nothing";
  return text.length <= SHOWN_CHARACTERS ? text : `(${text.length} characters)`;
}
