import type { Answer } from "./answer.ts";
import type { Edns, Message } from "./message.ts";

/** The part of a response that depends on the question. */
export type Outcome = Partial<Answer> &
  Pick<Answer, "rcode"> & {
    /** An INFO-CODE (RFC 8914), for clients that speak EDNS. */
    readonly extendedError?: number;
  };

/** The header and question that go back. AD stays 0: nothing was validated; CD comes back (RFC 4035 section 3.1.6). */
export function responseTo(query: Message, outcome: Outcome, edns: Edns | undefined): Message {
  return {
    id: query.id,
    response: true,
    opcode: query.opcode,
    authoritative: outcome.authoritative ?? false,
    truncated: false,
    recursionDesired: query.recursionDesired,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: query.checkingDisabled,
    rcode: outcome.rcode,
    questions: query.questions.slice(0, 1),
    answers: outcome.answers ?? [],
    authority: outcome.authority ?? [],
    additional: outcome.additional ?? [],
    ...(edns ? { edns } : {}),
  };
}
