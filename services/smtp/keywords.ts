/** EHLO's lines as a change to the service's own. */
export interface KeywordEdit {
  /** Added, in place of a line with the same keyword. */
  readonly with?: readonly string[] | undefined;
  readonly without?: readonly string[] | undefined;
}

/** The lines that EHLO lists: others, or the own ones changed. */
export function editKeywords(own: readonly string[], wanted: readonly string[] | KeywordEdit): readonly string[] {
  if (!isEdit(wanted)) return wanted;
  const { with: added = [], without = [] } = wanted;
  const gone = new Set([...added, ...without].map(nameOf));
  return [...own.filter((line) => !gone.has(nameOf(line))), ...added];
}

function isEdit(wanted: readonly string[] | KeywordEdit): wanted is KeywordEdit {
  return !Array.isArray(wanted);
}

/** RFC 5321 section 4.1.1.1: keywords are case-insensitive. */
function nameOf(line: string): string {
  return (line.split(" ", 1)[0] as string).toUpperCase();
}
