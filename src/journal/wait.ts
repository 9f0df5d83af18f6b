import { type Duration, patienceMs } from "../match/patience.ts";
import type { Entry } from "./entry.ts";

/** Told each entry, and `undefined` when the journal is closed. */
export type Reader = (entry: Entry | undefined) => void;

export interface PatienceOptions {
  /** In milliseconds, or as `"2s"`; 5,000 unless said otherwise, `Infinity` for no limit. */
  readonly timeout?: Duration;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What is waited for. */
export interface Awaited<Result> {
  /** Told the entries one after the other, past ones first; has the result as soon as there is one. */
  tell(entry: Entry): Result | undefined;
  /** The error if it does not come; `cause` says why the wait ends. */
  missed(cause: string): Error;
}

/** What a wait needs of the journal. */
export interface Source {
  readonly isClosed: boolean;
  past(): Iterable<Entry>;
  /** Has the reader told of each entry from now on; returns how to stop it. */
  read(reader: Reader): () => void;
}

/** Resolves to what is waited for, whether it is there already or is still to come. */
export async function wait<Result>(
  source: Source,
  { tell, missed }: Awaited<Result>,
  options: PatienceOptions,
): Promise<Result> {
  const { signal } = options;
  const timeout = patienceMs(options.timeout);
  signal?.throwIfAborted();
  for (const entry of source.past()) {
    const result = tell(entry);
    if (result !== undefined) return result;
  }
  if (source.isClosed) throw missed("the harness was stopped");
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener("abort", aborted);
      outcome();
    };
    const fail = (cause: string) => settle(() => reject(missed(cause)));
    const aborted = () => settle(() => reject(signal?.reason));
    const timer = Number.isFinite(timeout) ? setTimeout(() => fail(`${timeout} ms have passed`), timeout) : undefined;
    const forget = source.read((entry) => {
      try {
        if (!entry) return fail("the harness was stopped");
        const result = tell(entry);
        if (result !== undefined) settle(() => resolve(result));
      } catch (error) {
        settle(() => reject(error)); // the query's own test failed
      }
    });
    signal?.addEventListener("abort", aborted);
  });
}
