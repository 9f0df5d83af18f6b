import type { EdnsOption, Message } from "./message.ts";
import type { Name } from "./names.ts";
import type { RecordsFor } from "./rule-records.ts";

/** What a rule answers, checked. */
export interface DnsReply {
  /** In place of what the service itself would say; without it that is said, with the changes below. */
  readonly content: Content | undefined;
  readonly flags: Partial<Flags>;
  /** The ID of the response, where it is not the query's. */
  readonly id: number | "wrong" | undefined;
  readonly question: QuestionChange | undefined;
  /** `false`: no OPT record. */
  readonly edns: EdnsReply | false | undefined;
  readonly soa: SoaChange;
  /** Of all the records that the service itself would send. */
  readonly ttl: number | undefined;
  /** How long a response over UDP may be, whatever the client can take. */
  readonly maxOctets: number | undefined;
  readonly damage: Damage | undefined;
  /** What the two octets before the message say, over TCP. */
  readonly length: number | undefined;
  /** It leaves behind the answers to so many later queries, over TCP. */
  readonly behind: number;
}

/** The rcode and the records. */
export interface Content {
  readonly rcode: number;
  readonly answers: RecordsFor;
  /** `undefined`: as RFC 2308 wants it, if there is a zone. */
  readonly authority: RecordsFor | undefined;
  readonly additional: RecordsFor;
}

type Flags = Pick<
  Message,
  | "response"
  | "opcode"
  | "authoritative"
  | "truncated"
  | "recursionDesired"
  | "recursionAvailable"
  | "authenticData"
  | "checkingDisabled"
>;

/** How the question that comes back differs from the one that was asked. */
export const QUESTION_CHANGES = ["wrong", "type", "case", "missing", "twice"] as const;
type QuestionChange = (typeof QUESTION_CHANGES)[number];

/** The OPT record of a response. */
export interface EdnsReply {
  readonly udpOctets: number | undefined;
  readonly version: number | undefined;
  readonly dnssecOk: boolean | undefined;
  readonly options: readonly EdnsOption[];
  readonly echo: boolean;
  readonly cookie: CookieChange | undefined;
  readonly clientSubnetScope: number | undefined;
  readonly owner: Name | undefined;
  readonly copies: number;
}

/** Server cookies (RFC 7873): as they may be, of a length that there is not, with another client's part, or none. */
export const COOKIES = ["good", "short", "changed", "missing"] as const;
type CookieChange = (typeof COOKIES)[number];

export interface SoaChange {
  readonly serial?: number;
  readonly owner?: Name;
  /** `false`: a zone transfer ends without it. */
  readonly final?: boolean;
}

/** What is done to the octets of a response once it is made. */
export interface Damage {
  /** Header counts that are not true. */
  readonly counts: { readonly [section in CountedSection]?: number };
  readonly badName: BadName | undefined;
  /** The RDLENGTH of the first record. */
  readonly rdlength: number | undefined;
  readonly trailing: Uint8Array | undefined;
  /** So many octets are missing at the end. */
  readonly cut: number;
}

export const COUNTED_SECTIONS = ["questions", "answers", "authority", "additional"] as const;
type CountedSection = (typeof COUNTED_SECTIONS)[number];

/** How a name can be broken: a pointer to itself, behind itself, or out of the message; too long a label, or name. */
export const BAD_NAMES = ["loop", "forward", "beyond", "long-label", "long-name"] as const;
type BadName = (typeof BAD_NAMES)[number];
