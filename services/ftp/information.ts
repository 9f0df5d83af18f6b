import type { Command, Control } from "./control.ts";
import { factsFeature } from "./facts.ts";
import { statPath } from "./listings.ts";
import { printable, type Reply } from "./wire.ts";

/** Commands that tell something: SYST, STAT, HELP, SITE, NOOP (RFC 959), FEAT (RFC 2389), CLNT. */

/** What HELP and FEAT need to know of the commands. */
export type VerbList = ReadonlyMap<
  string,
  { readonly syntax: string; readonly feature?: string; readonly absent?: true }
>;

const VERBS_PER_LINE = 10;

export function noop(): Reply {
  return { code: 200, text: "NOOP ok." };
}

export function syst(): Reply {
  return { code: 215, text: "UNIX Type: L8" };
}

export function clnt(): Reply {
  return { code: 200, text: "Noted." };
}

export function stat(control: Control, command: Command): Reply {
  if (command.argument !== "") return statPath(control, command);
  const { transfer } = control;
  const lines = [
    `${control.context.hostname} FTP server status:`,
    `Connected from ${control.peer.address}`,
    control.login === "LOGGED-IN" ? `Logged in as ${printable(control.user)}` : "Not logged in",
    `TYPE: ${control.type === "A" ? "ASCII, FORM: Nonprint" : "Image"}; STRUcture: File; transfer MODE: Stream`,
    transfer ? `${transfer.command.verb} in progress: ${transfer.octets} octets` : "No transfer in progress",
  ];
  return { code: 211, text: `${lines.join("\n ")}\nEnd of status` };
}

/** RFC 2389 section 3: each feature on a line of its own, behind one space. */
export function feat(control: Control, verbs: VerbList): Reply {
  const features = ["TVFS", "UTF8"];
  for (const [name, { feature }] of verbs) {
    if (feature === undefined || control.context.options.without.includes(name)) continue;
    features.push(name === "MLST" ? factsFeature(control.facts) : feature);
  }
  return { code: 211, text: ["Features:", ...features.sort().map((feature) => ` ${feature}`), "End"].join("\n") };
}

export function help(control: Control, command: Command, verbs: VerbList): Reply {
  const offered = [...verbs.keys()].filter(
    (name) => !verbs.get(name)?.absent && !control.context.options.without.includes(name),
  );
  const wanted = command.argument.trim().toUpperCase();
  if (wanted === "") return { code: 214, text: verbTable("Commands:", offered.sort()) };
  if (!offered.includes(wanted)) return { code: 502, text: `Unknown command ${printable(wanted)}.` };
  return { code: 214, text: `Syntax: ${`${wanted} ${verbs.get(wanted)?.syntax}`.trim()}` };
}

export function site(_control: Control, command: Command): Reply {
  if (/^ *help *$/i.test(command.argument)) return { code: 214, text: verbTable("SITE commands:", ["HELP"]) };
  return { code: 500, text: "Unknown SITE command." };
}

function verbTable(title: string, verbs: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < verbs.length; at += VERBS_PER_LINE)
    lines.push(` ${verbs.slice(at, at + VERBS_PER_LINE).join(" ")}`);
  return [title, ...lines, "End of help"].join("\n");
}
