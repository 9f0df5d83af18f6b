import type { BaseIssue } from "valibot";
import { PortwrightError } from "../errors.ts";
import { nearest } from "../wire/nearest.ts";

/** Where a place of the document stands in its file, such as `portwright.yaml:12`; `undefined` if that is not known. */
export type Locate = (path: readonly PropertyKey[]) => string | undefined;

/** The first thing wrong with a document, as an error that starts with its place. `keys` are those allowed there. */
export function issueError(
  issue: BaseIssue<unknown>,
  before: readonly PropertyKey[],
  locate: Locate | undefined,
  keys: (path: readonly PropertyKey[]) => readonly string[],
): PortwrightError {
  const deepest = deepestOf(issue);
  const path = [...before, ...pathOf(issue), ...(deepest === issue ? [] : pathOf(deepest))];
  return configError(path, explain(deepest, path, keys), locate);
}

/** An error about a place of the document, with the line it stands on. */
export function configError(path: readonly PropertyKey[], problem: string, locate?: Locate): PortwrightError {
  const line = locate?.(path);
  return new PortwrightError("CONFIG_INVALID", line ? `${problem} (${line})` : problem, { place: printPath(path) });
}

function explain(
  issue: BaseIssue<unknown>,
  path: readonly PropertyKey[],
  keys: (path: readonly PropertyKey[]) => readonly string[],
): string {
  if (issue.expected === "never" && issue.type === "strict_object") {
    const word = String(path.at(-1));
    const allowed = keys(path.slice(0, -1));
    const near = nearest(word, allowed);
    if (near) return `unknown key, did you mean "${near}"?`;
    return allowed.length > 0 ? `unknown key; known are ${allowed.join(", ")}` : "unknown key";
  }
  if (issue.type === "regex" || issue.type === "check") return `${issue.message}, got ${issue.received}`;
  if (issue.expected === null) return issue.message;
  return `expected ${issue.expected}, got ${issue.received}`;
}

/** Of a union's alternatives, the one that came furthest. */
function deepestOf(issue: BaseIssue<unknown>): BaseIssue<unknown> {
  const deeper = (issue.issues ?? []).filter((one) => (one.path?.length ?? 0) > 0);
  const [first] = deeper.sort((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0));
  return first ? deepestOf(first) : issue;
}

function pathOf(issue: BaseIssue<unknown>): PropertyKey[] {
  return (issue.path ?? []).map((item) => item.key as PropertyKey);
}

/** `services.smtp.port`, `world.accounts[1].name`. */
function printPath(path: readonly PropertyKey[]): string {
  const printed = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[A-Za-z_$][\w$-]*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
  });
  return printed.join("").replace(/^\./, "") || "the document";
}
