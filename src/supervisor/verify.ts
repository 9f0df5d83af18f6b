import type { Service } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { printFields } from "../journal/print.ts";
import type { Rule } from "../stub/rule.ts";
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
    .map((rule) => {
      const failure = rule.failure === undefined ? "" : `: ${rule.failure}`;
      return `${name}: ${calledBy(rule)} was never used${failure}`;
    });
}

/** Its name; of a rule without one its place, and what it is about as far as that can be said in a word. */
function calledBy({ label, compiled }: Rule): string {
  if (compiled.name !== undefined) return JSON.stringify(compiled.name);
  const about = [...compiled.fields].map(([field, { exact }]) => (exact ? `${field}=${exact.join("|")}` : field));
  return about.length > 0 ? `${label} (about ${about.join(", ")})` : label;
}

function unexpectedRequests({ name, service, rules }: Verified, journal: Journal): string[] {
  const isRefusal = service.isRefusal;
  if (!isRefusal) return [];
  const refused = journal
    .exchanges(service.name)
    .filter(({ session, request, reply }) => session.name === name && isRefusal(reply) && !rules.isRuled(request));
  const lines = refused.slice(0, SHOWN_REQUESTS).map(({ request, reply }) => {
    return `${name}: no rule is about ${printFields(request)}, which was refused: ${printFields(reply)}`;
  });
  const more = refused.length - lines.length;
  return more > 0 ? [...lines, `${name}: ${more} more`] : lines;
}
