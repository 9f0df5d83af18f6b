import { PortwrightError } from "../errors.ts";
import type { Wanted } from "../index.ts";
import type { Entry } from "../journal/entry.ts";
import { printEntry } from "../journal/print-entry.ts";
import type { PatienceOptions } from "../journal/wait.ts";
import type { WantedFields } from "../journal/wanted.ts";

type Patience = NonNullable<PatienceOptions["timeout"]>;
type Exchange = Extract<Entry, { kind: "exchange" }>;

/** What an assertion is about: the handle of a service, such as `harness.smtp`. */
export interface Asked {
  readonly name: string;
  readonly endpoint: { readonly service: string };
  exchanges(request?: WantedFields): readonly Exchange[];
  waitFor(request: WantedFields, options: { readonly timeout: Patience; readonly count: number }): Promise<Exchange>;
  explain(request: WantedFields): string;
}

export interface ReceivedOptions {
  /** Waits for so many milliseconds, or `"2s"`; without it, only what has come already counts. */
  readonly within?: Patience;
  /** Exactly so many requests; at least one, unless said otherwise. */
  readonly times?: number;
}

/** What an assertion found, in the form that `expect.extend` takes. */
export interface Verdict {
  readonly pass: boolean;
  message(): string;
}

const SHOWN_ENTRIES = 5;

/** The service was asked this. Throws `QUERY_INVALID` for a field that it does not have. */
export function received(
  asked: Asked,
  request: WantedFields,
  { times }: Omit<ReceivedOptions, "within"> = {},
): Verdict {
  const found = asked.exchanges(request);
  const pass = times === undefined ? found.length > 0 : found.length === times;
  return { pass, message: () => (pass || found.length > 0 ? came(asked, found, times) : asked.explain(request)) };
}

/** The service was asked this, or is within so many milliseconds. */
export async function receivedWithin(
  asked: Asked,
  request: WantedFields,
  { within = 0, times }: ReceivedOptions,
): Promise<Verdict> {
  // None at all is no reason to wait, unless for one too many.
  const count = times === undefined ? 1 : times + (times === 0 ? 1 : 0);
  try {
    await asked.waitFor(request, { timeout: within, count });
  } catch (error) {
    if (!(error instanceof PortwrightError) || error.code !== "WAIT_TIMEOUT") throw error;
    if (times === 0) return received(asked, request, { times });
    return { pass: false, message: () => error.message };
  }
  return received(asked, request, times === undefined ? {} : { times });
}

/** The fields that a question means, in the words of the service: a name and type, or a path and method. */
export function questionOf(asked: Asked, what: Wanted, kind: Wanted): WantedFields {
  const { service } = asked.endpoint;
  const fields = QUESTIONS[service];
  if (!fields) {
    const known = Object.keys(QUESTIONS).join(", ");
    throw new PortwrightError("QUERY_INVALID", `what ${service} is asked has no name; that is for ${known}`, {
      place: "toHaveBeenAskedFor",
    });
  }
  const [name, type] = fields;
  return { [name]: what, ...(kind === undefined ? {} : { [type]: kind }) };
}

/** What is asked for, and how. */
const QUESTIONS: { readonly [service: string]: readonly [name: string, type: string] } = {
  dns: ["name", "type"],
  http: ["path", "method"],
  https: ["path", "method"],
  ftp: ["path", "command"],
};

function came(asked: Asked, found: readonly Exchange[], times: number | undefined): string {
  const count = `${found.length} ${found.length === 1 ? "such request" : "such requests"}`;
  const wanted = times === undefined ? "" : `, wanted ${times}`;
  const lines = found.slice(-SHOWN_ENTRIES).map((entry) => `\n  ${printEntry(entry)}`);
  const last = found.length > SHOWN_ENTRIES ? "; the last of them" : "";
  return `${asked.name} received ${count}${wanted}${last}${lines.length > 0 ? `:${lines.join("")}` : ""}`;
}
