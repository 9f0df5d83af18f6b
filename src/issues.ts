import type { BaseIssue, GenericSchema } from "valibot";
import { type ErrorCode, PortwrightError } from "./errors.ts";
import { nearest } from "./wire/nearest.ts";

/** Where a place of the document stands in its file, such as `portwright.yaml:12`; `undefined` if that is not known. */
export type Locate = (path: readonly PropertyKey[]) => string | undefined;

type Keys = (path: readonly PropertyKey[]) => readonly string[];

/** A mistake, and where it stands: a union's alternatives have paths of their own below it. */
interface Found {
  readonly issue: BaseIssue<unknown>;
  readonly path: readonly PropertyKey[];
}

/** The first thing wrong with a document, as an error that starts with its place. `keys` are those allowed there. */
export function issueError(
  issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]],
  before: readonly PropertyKey[],
  locate: Locate | undefined,
  keys: Keys,
  code: ErrorCode = "CONFIG_INVALID",
): PortwrightError {
  const found = issues.map((issue) => deepestOf({ issue, path: [...before, ...pathOf(issue)] }));
  const [first] = found as [Found, ...Found[]];
  // A key that is missing may be there, misspelt.
  const misspelt = isMissing(first.issue)
    ? found.find(
        ({ issue, path }) => isUnknownKey(issue) && printPath(path.slice(0, -1)) === printPath(first.path.slice(0, -1)),
      )
    : undefined;
  const { issue, path } = misspelt ?? first;
  // valibot takes a list for a map whose keys are numbers.
  if (Array.isArray(issue.path?.at(-1)?.input) && isUnknownKey(issue)) {
    return configError(path.slice(0, -1), "expected a map, got a list", locate, code);
  }
  return configError(path, explain(issue, path, keys), locate, code);
}

/** An error about a place of the document, with the line it stands on. */
export function configError(
  path: readonly PropertyKey[],
  problem: string,
  locate?: Locate,
  code: ErrorCode = "CONFIG_INVALID",
): PortwrightError {
  const line = locate?.(path);
  return new PortwrightError(code, line ? `${problem} (${line})` : problem, { place: printPath(path) });
}

/** Adds the line of a place to what is thrown about it. */
export function located<T>(path: readonly PropertyKey[], locate: Locate | undefined, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const line = locate?.(path);
    if (!(error instanceof PortwrightError) || line === undefined) throw error;
    const { code, remedies, place = printPath(path) } = error;
    const problem = error.place === undefined ? error.message : error.message.slice(error.place.length + 2);
    throw new PortwrightError(code, `${problem} (${line})`, { place, remedies, cause: error });
  }
}

/** `services.smtp.port`, `world.accounts[1].name`. */
export function printPath(path: readonly PropertyKey[]): string {
  const printed = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[A-Za-z_$][\w$-]*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
  });
  return printed.join("").replace(/^\./, "") || "the document";
}

function explain(issue: BaseIssue<unknown>, path: readonly PropertyKey[], keys: Keys): string {
  if (isUnknownKey(issue)) {
    const allowed = keys(path.slice(0, -1));
    const near = nearest(String(path.at(-1)), allowed);
    if (near) return `unknown key, did you mean "${near}"?`;
    return allowed.length > 0 ? `unknown key; known are ${allowed.join(", ")}` : "unknown key";
  }
  if (isMissing(issue)) return "it is missing";
  return `expected ${wantedBy(issue)}, got ${printReceived(issue)}`;
}

function isUnknownKey({ type, expected }: BaseIssue<unknown>): boolean {
  return type === "strict_object" && expected === "never";
}

function isMissing({ type, expected, received }: BaseIssue<unknown>): boolean {
  return type === "strict_object" && received === "undefined" && expected !== "Object";
}

const WORDS: { readonly [expected: string]: string } = {
  Object: "a map",
  Array: "a list",
  string: "a string",
  number: "a number",
  boolean: "true or false",
};

/** valibot's own words for actions that expect nothing they could name: `Invalid IPv4: Received "x"`. */
const INVALID = /^Invalid (.+): (?:Expected .* but r|R)eceived /s;

function wantedBy({
  type,
  expected,
  message,
  requirement,
}: BaseIssue<unknown> & { readonly requirement?: unknown }): string {
  if (type === "integer") return "a whole number";
  if (type === "min_value") return `at least ${String(requirement)}`;
  if (type === "max_value") return `at most ${String(requirement)}`;
  const invalid = INVALID.exec(message)?.[1];
  if (invalid === undefined) return message.replace(/^expected /, "");
  if (expected === null) return `a valid ${invalid}`;
  const alternatives = expected.replace(/^\((.*)\)$/, "$1").split(" | ");
  return alternatives.map((word) => WORDS[word] ?? word).join(" or ");
}

const SHOWN_CHARACTERS = 60;

function printReceived({ input, received }: BaseIssue<unknown>): string {
  if (typeof input !== "string") return WORDS[received] ?? received;
  return JSON.stringify(input.length > SHOWN_CHARACTERS ? `${input.slice(0, SHOWN_CHARACTERS)}...` : input);
}

/** Of a union's alternatives, the one that came furthest; there, a key that is misspelt before one that is missing. */
function deepestOf(found: Found): Found {
  const deeper = (found.issue.issues ?? []).filter((one) => (one.path?.length ?? 0) > 0);
  const below = deeper.map((issue) => deepestOf({ issue, path: [...found.path, ...pathOf(issue)] }));
  const [first] = below.sort((a, b) => b.path.length - a.path.length);
  if (!first || !isMissing(first.issue)) return first ?? found;
  return below.find(({ issue, path }) => isUnknownKey(issue) && path.length === first.path.length) ?? first;
}

function pathOf(issue: BaseIssue<unknown>): PropertyKey[] {
  return (issue.path ?? []).map((item) => item.key as PropertyKey);
}

/** The entries of an object schema, through whatever wraps it; of a union those of all its alternatives. */
export function entriesOf(schema: GenericSchema): { readonly [key: string]: GenericSchema } {
  const { entries, wrapped, item, pipe, options } = schema as unknown as {
    entries?: { readonly [key: string]: GenericSchema };
    wrapped?: GenericSchema;
    item?: GenericSchema;
    pipe?: readonly GenericSchema[];
    options?: readonly unknown[];
  };
  if (entries) return entries;
  if (options?.every((option) => typeof option === "object" && option !== null))
    return Object.assign({}, ...options.map((option) => entriesOf(option as GenericSchema)));
  const inner = wrapped ?? item ?? pipe?.[0];
  return inner && inner !== schema ? entriesOf(inner) : {};
}

/** The keys of the map that stands at a path of what a schema describes. */
export function keysAt(schema: GenericSchema, path: readonly PropertyKey[]): readonly string[] {
  let entries = entriesOf(schema);
  for (const key of path) {
    const inner = typeof key === "number" ? undefined : entries[String(key)];
    if (inner) entries = entriesOf(inner);
    else if (typeof key !== "number") return [];
  }
  return Object.keys(entries);
}
