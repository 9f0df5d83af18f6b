import type { FileStat } from "../../src/contract/world.ts";
import { nameOf, parentOf } from "../../src/wire/path.ts";
import { contentOfRule, imageContent } from "./content.ts";
import type { Command, Control } from "./control.ts";
import { factsOf } from "./facts.ts";
import { refusal } from "./refusals.ts";
import { Sending, startTransfer } from "./transfer.ts";
import { hasWildcards, matchesWildcards } from "./wildcards.ts";
import { encodeText, printable, type Reply } from "./wire.ts";

/** LIST, NLST and STAT (RFC 959 section 4.1.3), MLSD and MLST (RFC 3659 section 7). */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NOTHING_THERE = refusal("not-found");

export function list(control: Control, command: Command): Reply | undefined {
  const entries = entriesAt(control, command.path) ?? madeUp(command);
  return entries ? sendLines(control, command, entries.map(unixLine)) : NOTHING_THERE;
}

export function nlst(control: Control, command: Command): Reply | undefined {
  const entries = entriesAt(control, command.path) ?? madeUp(command);
  if (!entries) return NOTHING_THERE;
  // RFC 1123 section 4.1.2.7: names that can be arguments of RETR as they are
  const prefix = prefixOf(control, command);
  return sendLines(
    control,
    command,
    entries.map((entry) => prefix + entry.name),
  );
}

export function mlsd(control: Control, command: Command): Reply | undefined {
  const { tree } = control.context.world;
  const { path = control.directory } = command;
  const entries = tree.list(path) ?? madeUp(command);
  // RFC 3659 section 7.2.1: 501 for what is there but no directory
  if (!entries) return tree.stat(path) ? { code: 501, text: "Not a directory." } : NOTHING_THERE;
  return sendLines(
    control,
    command,
    entries.map((entry) => `${facts(control, entry)} ${entry.name}`),
  );
}

export function mlst(control: Control, command: Command): Reply {
  const stat = control.context.world.tree.stat(command.path ?? control.directory);
  if (!stat) return NOTHING_THERE;
  const path = printable(stat.path);
  return { code: 250, text: `Listing ${path}\n ${facts(control, stat)} ${path}\nEnd` };
}

/** STAT with a path: LIST over the control connection. */
export function statPath(control: Control, command: Command): Reply {
  const path = command.path ?? control.directory;
  const entries = entriesAt(control, path);
  if (!entries) return NOTHING_THERE;
  // RFC 959 section 4.2.1: 212 directory status, 213 file status
  const code = control.context.world.tree.stat(path)?.type === "file" ? 213 : 212;
  const lines = entries.map((entry) => printable(unixLine(entry)));
  return { code, text: [`Status of ${printable(path)}:`, ...lines, "End of status"].join("\n") };
}

/** An entry as `ls -l` shows it; the year instead of the hour, so that listings do not depend on the day. */
export function unixLine(stat: FileStat): string {
  const mode = stat.type === "directory" ? "drwxr-xr-x" : "-rw-r--r--";
  const date = new Date(stat.modified);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}  ${date.getUTCFullYear()}`;
  return `${mode}   1 ftp      ftp      ${String(stat.octets).padStart(11)} ${day} ${stat.name}`;
}

function facts(control: Control, stat: FileStat): string {
  return factsOf(stat, control.facts, (path) => control.mayWrite(path));
}

/** What a directory holds, the one file, or what wildcards in the last name match. */
function entriesAt(control: Control, path = control.directory): readonly FileStat[] | undefined {
  const { tree } = control.context.world;
  const stat = tree.stat(path);
  if (stat) return stat.type === "file" ? [stat] : tree.list(path);
  const pattern = nameOf(path);
  if (!hasWildcards(pattern)) return undefined;
  const matching = tree.list(parentOf(path))?.filter((entry) => matchesWildcards(pattern, entry.name));
  return matching?.length ? matching : undefined;
}

/** A directory that only a rule knows is empty. */
function madeUp({ rule }: Command): readonly FileStat[] | undefined {
  return rule?.reply && [];
}

/** What the client wrote before the names that it asked for. */
function prefixOf(control: Control, command: Command): string {
  const written = withoutFlags(command.argument);
  if (written === "") return "";
  if (control.context.world.tree.stat(command.path ?? "")?.type !== "directory")
    return written.slice(0, written.lastIndexOf("/") + 1);
  return written.endsWith("/") ? written : `${written}/`;
}

/** The argument of LIST without what clients mean for `ls`: `-la`, `-CF`. */
export function withoutFlags(argument: string): string {
  return argument.replace(/^(?:-[A-Za-z0-9]*(?: +|$))+/, "");
}

function sendLines(control: Control, command: Command, lines: readonly string[]): Reply | undefined {
  if (!control.data) return { code: 425, text: "Use PASV or EPSV first.", isOwn: true };
  const text = lines.map((line) => `${printable(line)}\r\n`).join("");
  const own = imageContent(encodeText(text, control.utf8));
  const { data } = command.rule?.reply ?? {};
  const content = data === undefined ? own : contentOfRule(data);
  startTransfer(
    control,
    new Sending(control, command, content.pieces(0)),
    `Opening data connection for ${command.verb}.`,
  );
  return undefined;
}
