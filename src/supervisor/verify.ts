import type { Fields } from "../contract/machine.ts";
import type { FieldTable, Service } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { plainFields } from "../journal/plain.ts";
import { withoutSecrets } from "../journal/print.ts";
import type { RuleSet } from "../stub/rule-set.ts";

/** One instance's part of what is verified. */
export interface Verified {
  readonly name: string;
  readonly service: Service;
  readonly rules: RuleSet;
}

export interface VerifyOptions {
  /** Complain of rules that were never used; true unless said otherwise. */
  readonly rules?: boolean;
  /** Complain of requests that were refused though no rule is about them; true unless said otherwise. */
  readonly requests?: boolean;
}

const SHOWN_REQUESTS = 10;
const SHOWN_CHARACTERS = 300;

/** Throws `VERIFY_FAILED` with everything that no test expects. */
export function verify(instances: readonly Verified[], journal: Journal, options: VerifyOptions): void {
  const { rules = true, requests = true } = options;
  const problems = [
    ...(rules ? instances.flatMap(unusedRules) : []),
    ...(requests ? instances.flatMap((instance) => unexpectedRequests(instance, journal)) : []),
  ];
  if (problems.length > 0) throw new PortwrightError("VERIFY_FAILED", problems.join("\n"));
}

function unusedRules({ name, rules }: Verified): string[] {
  return rules.all
    .filter(({ isUsed }) => !isUsed)
    .map(({ label, failure }) => `${name}: ${label} was never used${failure === undefined ? "" : `: ${failure}`}`);
}

function unexpectedRequests({ name, service, rules }: Verified, journal: Journal): string[] {
  const isRefusal = service.isRefusal;
  if (!isRefusal) return [];
  const refused = journal
    .exchanges(service.name)
    .filter(({ session, request, reply }) => session.name === name && isRefusal(reply) && !rules.isRuled(request));
  const lines = refused.slice(0, SHOWN_REQUESTS).map(({ request, reply }) => {
    return `${name}: unexpected ${print(request, service.request)} was refused with ${print(reply, service.reply)}`;
  });
  const more = refused.length - lines.length;
  return more > 0 ? [...lines, `${name}: ${more} more`] : lines;
}

function print(fields: Fields, table: FieldTable): string {
  const text = JSON.stringify(plainFields(withoutSecrets(fields, table)));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
