import { printRecord } from "../../../services/dns/exchange.ts";
import { decode, type Message } from "../../../services/dns/message.ts";
import { printName } from "../../../services/dns/names.ts";
import { printRcode, printType } from "../../../services/dns/types.ts";
import type { Asked } from "./questions.ts";
import type { OtherName } from "./servers.ts";

/** A response part by part, in lower case; records are sets. */
export type Parts = Readonly<Record<"rcode" | "flags" | "question" | "edns" | Section, string>>;
type Section = "answers" | "authority" | "additional";

/** What two servers say differently to one question. */
export interface Difference {
  readonly part: keyof Parts;
  readonly ours: Parts;
  readonly theirs: Parts;
  readonly asked: Asked;
}

export function partsOf(octets: Uint8Array | undefined): Parts | string {
  const decoded = octets && decode(octets);
  if (!decoded) return "no answer";
  if (decoded.problem !== undefined) return decoded.problem;
  const { message } = decoded;
  const { edns } = message;
  const set = (section: Section) => [...new Set(message[section].map((record) => printRecord(record).toLowerCase()))];
  return {
    rcode: printRcode(message.rcode),
    flags: flagsOf(message),
    question: message.questions.map((one) => `${printName(one.name)} ${one.type} ${one.class}`).join("\n"),
    answers: set("answers").sort().join("\n"),
    authority: set("authority").sort().join("\n"),
    additional: set("additional").sort().join("\n"),
    edns: edns ? `version ${edns.version}, ${edns.udpOctets} octets${edns.dnssecOk ? ", DO" : ""}` : "none",
  };
}

function flagsOf(message: Message): string {
  const flags = {
    aa: message.authoritative,
    tc: message.truncated,
    rd: message.recursionDesired,
    ra: message.recursionAvailable,
    ad: message.authenticData,
    cd: message.checkingDisabled,
  };
  return Object.entries(flags)
    .flatMap(([flag, isSet]) => (isSet ? [flag] : []))
    .join(" ");
}

export function differences(ours: Parts, theirs: Parts, asked: Asked): Difference[] {
  const parts = Object.keys(ours) as (keyof Parts)[];
  return parts.filter((part) => ours[part] !== theirs[part]).map((part) => ({ part, ours, theirs, asked }));
}

export function printDifference({ part, ours, theirs, asked }: Difference): string {
  const [question] = asked.message.questions;
  const name = question ? `${printName(question.name)} ${printType(question.type)}` : "";
  const size = asked.message.edns ? `EDNS ${asked.message.edns.udpOctets}` : "no EDNS";
  return `${name} over ${asked.transport}, ${size}: ${part}\n  ours: ${ours[part]}\n  other: ${theirs[part]}`;
}

/** A difference that is as it should be, and why. */
export interface Reason {
  readonly of: readonly OtherName[];
  readonly why: string;
  covers(difference: Difference): boolean;
}

const lines = (text: string) => (text === "" ? [] : text.split("\n"));
const isWithin = (few: string, many: string) => lines(few).every((line) => lines(many).includes(line));
const typeOf = ({ asked }: Difference) => printType(asked.message.questions[0]?.type ?? 0);
/** The answer is a chain of aliases that comes to one of its names again, or further below it. */
const isLoop = ({ ours }: Difference) => {
  if (/^(\S+) \d+ in dname \S+\.\1$/m.test(ours.answers)) return true;
  const aliases = lines(ours.answers).map((line) => /^(\S+) \d+ in cname (\S+)$/.exec(line));
  const owners = new Set(aliases.map((alias) => alias?.[1]));
  return aliases.length > 0 && aliases.every((alias) => owners.has(alias?.[2]));
};

/** The README's section Deviations has those that are ours. */
export const REASONS: readonly Reason[] = [
  {
    of: ["nsd"],
    why: "RFC 4035 section 3.1.6: CD comes back as it was; NSD clears it",
    covers: ({ part, ours, theirs }) => part === "flags" && ours.flags.replace(/ ?cd/, "") === theirs.flags,
  },
  {
    of: ["nsd"],
    why: "RFC 3225 section 3: DO comes back as it was; NSD clears it for zones without signatures",
    covers: ({ part, ours, theirs }) => part === "edns" && ours.edns === `${theirs.edns}, DO`,
  },
  {
    of: ["nsd", "named"],
    why: "RFC 1034 section 4.3.2 step 6: addresses that may be useful are sent along, by us the more",
    covers: ({ part, ours, theirs }) => part === "additional" && isWithin(theirs.additional, ours.additional),
  },
  {
    of: ["nsd"],
    why: "RFC 8482 section 4.1: NSD answers ANY at a wildcard with one RRset, we over TCP with all",
    covers: (difference) =>
      typeOf(difference) === "ANY" &&
      difference.part === "answers" &&
      isWithin(difference.theirs.answers, difference.ours.answers),
  },
  {
    of: ["named"],
    why: "RFC 1034 section 3.6.2: a loop is no error of the server's: it is sent once round; BIND sends SERVFAIL",
    covers: isLoop,
  },
  {
    of: ["named"],
    why: "RFC 1034 section 4.3.2 step 3a: an alias into another of the server's zones is followed; BIND leaves that to the client",
    covers: ({ part, ours, theirs }) =>
      /\.?sub\.diff\.test\. \d+ in cname|in cname \S*\bsub\.diff\.test\./.test(ours.answers) &&
      (part === "answers" ? isWithin(theirs.answers, ours.answers) : theirs.authority === ""),
  },
  {
    of: ["named"],
    why: "RFC 2308 section 3: the SOA has the lesser of its TTL and MINIMUM; BIND has 0 for questions about SOA",
    covers: (difference) =>
      typeOf(difference) === "SOA" &&
      difference.part === "authority" &&
      difference.ours.authority.replace(/ \d+ in soa/, " 0 in soa") === difference.theirs.authority,
  },
  {
    of: ["named"],
    why: "RFC 6672 section 3.2: an alias made from a DNAME is followed for ANY too, as NSD does; BIND ends there",
    covers: (difference) => typeOf(difference) === "ANY" && / in dname /.test(difference.ours.answers),
  },
  {
    of: ["nsd", "named"],
    why: "RFC 1035 section 4.1.4: what is compressed less is truncated earlier: BIND less names, we those in another case",
    covers: ({ asked, ours, theirs }) =>
      asked.transport === "udp" &&
      (theirs.flags === ours.flags.replace("aa", "aa tc") || ours.flags === theirs.flags.replace("aa", "aa tc")) &&
      / in dname /.test(ours.answers),
  },
];
