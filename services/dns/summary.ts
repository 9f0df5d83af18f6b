import type { Fields, FieldValue } from "../../src/contract/machine.ts";

const SHOWN_RECORDS = 3;
const SHOWN_CHARACTERS = 60;

/** A question and its answer on one line, in dig's words: `www.example.test. IN A +noedns -> NOERROR, flags: aa, ANSWER: 1: ...`. */
export function summarise(request: Fields, reply: Fields): string {
  return `${question(request)} -> ${reply.rcode === undefined ? "no answer" : answer(reply)}`;
}

/** What dig would have been told, if it asks so. */
function question({ asked, class: class_, type, problem, updates, ...more }: Fields): string {
  if (asked === undefined) return `no question${problem === undefined ? "" : ` (${problem})`}`;
  const options = [
    ...(more.opcode === "QUERY" ? [] : [`+opcode=${more.opcode}`]),
    ...(more.recursionDesired === false ? ["+norecurse"] : []),
    ...(more.checkingDisabled === true ? ["+cdflag"] : []),
    ...(more.edns === 0 ? ["+noedns"] : []),
    ...(more.dnssecOk === true ? ["+dnssec"] : []),
  ];
  const name = asked === "." ? "." : `${asked}.`;
  const changes = listOf(updates).length > 0 ? [`UPDATE: ${shown(listOf(updates))}`] : [];
  return [name, class_, type, ...options, ...changes, ...(problem === undefined ? [] : [`(${problem})`])].join(" ");
}

function answer({ rcode, authoritative, truncated, messages, problem, ...sections }: Fields): string {
  const flags = [...(authoritative === true ? ["aa"] : []), ...(truncated === true ? ["tc"] : [])];
  const records = [
    ["ANSWER", listOf(sections.answers)],
    ["AUTHORITY", listOf(sections.authority)],
    ["ADDITIONAL", listOf(sections.additional)],
  ] as const;
  return [
    rcode,
    ...(flags.length > 0 ? [`flags: ${flags.join(" ")}`] : []),
    ...records.flatMap(([section, lines]) =>
      lines.length > 0 ? [`${section}: ${lines.length}: ${shown(lines)}`] : [],
    ),
    ...(typeof messages === "number" && messages > 1 ? [`${messages} messages`] : []),
    ...(problem === undefined ? [] : [`malformed: ${problem}`]),
  ].join(", ");
}

function listOf(value: FieldValue): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function shown(lines: readonly string[]): string {
  const first = lines
    .slice(0, SHOWN_RECORDS)
    .map((line) => (line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line));
  return [...first, ...(lines.length > SHOWN_RECORDS ? ["..."] : [])].join("; ");
}
