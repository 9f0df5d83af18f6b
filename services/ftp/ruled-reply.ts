import type { Output } from "../../src/contract/machine.ts";
import { reasonOf } from "./reasons.ts";
import type { Reply } from "./wire.ts";

/** Octets that a rule has sent over the data connection: these, or so many made on the way. */
export type RuledData = Uint8Array | { readonly octets: number };

/** A reply as a rule says it; what it leaves out is the service's own. */
export interface RuledReply {
  /** Of the final reply. */
  readonly code: number | undefined;
  /** Its text; `{numbers}`, `{address}` and `{port}` stand for those of the data connection in replies to PASV and EPSV. */
  readonly text: string | undefined;
  /** Its lines as they are sent, codes included. */
  readonly lines: readonly string[] | undefined;
  readonly lineEnd: string | undefined;
  /** The control connection is closed behind it, or is not. */
  readonly close: boolean | undefined;
  /** What was asked is done, or is not, whatever the code says. */
  readonly done: boolean | undefined;
  /** Its text, unless given, is the service's own. */
  readonly preliminary: { readonly code: number; readonly text: string | undefined } | "none" | undefined;
  /** When the final reply comes: before the data, never, or so many milliseconds late. */
  readonly final: "early" | "never" | number | undefined;
  /** The final reply comes when so many octets of data have been moved. */
  readonly after: number | undefined;
  readonly data: RuledData | undefined;
  /** What the preliminary reply to RETR gives as the size. */
  readonly size: number | "none" | undefined;
  /** What the reply to PASV and EPSV gives as the data connection's place. */
  readonly address: string | undefined;
  readonly port: number | "closed" | undefined;
  readonly features: readonly string[] | undefined;
}

/** What a rule says of one command, and how much of it has come about. */
export interface CommandRule {
  readonly reply: RuledReply | undefined;
  readonly output: Output;
  /** `output` has been put out. */
  begun: boolean;
  /** The preliminary reply has been sent. */
  announced: boolean;
  /** The final reply has been sent. */
  answered: boolean;
}

/** RFC 959 section 4.2: 1yz to 3yz do what was asked, or go on with it. */
export function isPositive(code: number): boolean {
  return code >= 100 && code < 400;
}

/** What was asked is done; a rule that gives no code leaves that to the service. */
export function isCarriedOut({ done, code }: RuledReply): boolean {
  return done ?? (code === undefined || isPositive(code));
}

/** The rule is about a transfer that takes place, and not the only reply to its command. */
export function isTransfer({ code, preliminary, after, data, size, done }: RuledReply): boolean {
  if (preliminary !== undefined || after !== undefined || data !== undefined || size !== undefined) return true;
  return done === true || code === undefined || code < 300;
}

/** The final reply: the rule's words in place of the service's own. */
export function ruledReply(ruled: RuledReply, own: Reply): Reply {
  const { lines, lineEnd, features } = ruled;
  const code = ruled.code ?? own.code;
  const ownText = code === own.code ? own.text : reasonOf(code);
  const listed = features && ["Features:", ...features.map((feature) => ` ${feature}`), "End"].join("\n");
  const fill = (text: string) =>
    text.replace(/\{(numbers|address|port)\}/g, (mark, name: string) => own.place?.[name] ?? mark);
  const closes = ruled.code === undefined ? own.close : isLast(code);
  return {
    code,
    text: fill(ruled.text ?? listed ?? ownText),
    octets: own.octets,
    close: ruled.close ?? closes,
    ...(lines ? { lines: lines.map(fill) } : {}),
    ...(lineEnd === undefined ? {} : { lineEnd }),
  };
}

// RFC 959 section 5.4: 421 may be the reply to any command, and 221 is the last one
function isLast(code: number): boolean {
  return code === 421 || code === 221;
}
