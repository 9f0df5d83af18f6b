import type { Entry } from "./entry.ts";

/** Some of the entries, of which each may turn out only later to be one of them. */
export interface Sieve {
  has(entry: Entry): boolean;
  /** Told the entries in their order: those that this one lets through, itself or earlier ones. */
  admit(entry: Entry): Iterable<Entry>;
}

type Tell<Result> = (entry: Entry) => Result | undefined;

/** Tells what comes through only, until there is a result. */
export function through<Result>(sieve: Sieve | undefined, tell: Tell<Result>): Tell<Result> {
  if (!sieve) return tell;
  return (entry) => {
    for (const one of sieve.admit(entry)) {
      const result = tell(one);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}
