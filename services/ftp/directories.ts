import { asciiLength } from "./ascii.ts";
import type { Command, Control } from "./control.ts";
import { parseTimeVal, timeVal } from "./facts.ts";
import { PERMISSION_DENIED, refusal } from "./refusals.ts";
import { printable, quoted, type Reply } from "./wire.ts";

/** Commands on names: directories, removing, renaming (RFC 959 section 4.1.3), SIZE and MDTM (RFC 3659), MFMT. */

const DONE: Reply = { code: 250, text: "Requested file action okay, completed." };
const NO_SUCH_FILE = refusal("not-found");
const NOT_PLAIN: Reply = { code: 550, text: "Not a plain file." };

export function pwd(control: Control): Reply {
  return { code: 257, text: `${quoted(control.directory)} is the current directory.` };
}

export function cwd(control: Control, { path = "/" }: Command): Reply {
  const stat = control.context.world.tree.stat(path);
  if (!stat) return NO_SUCH_FILE;
  if (stat.type !== "directory") return refusal("not-a-directory");
  control.directory = path;
  return { code: 250, text: `Directory changed to ${printable(path)}` };
}

/** The directory is this one because a rule says so, whether it is there or not. */
export function enter(control: Control, { path = control.resolve("..") ?? "/" }: Command): void {
  control.directory = path;
}

// Quirk: 250 as for CWD (RFC 959 section 4.1.1, "identical to the reply codes of CWD"), not the 200 of section 5.4.
export function cdup(control: Control, command: Command): Reply {
  return cwd(control, { ...command, path: control.resolve("..") });
}

export function mkd(control: Control, { path = "/" }: Command): Reply {
  if (!control.mayWrite(path)) return PERMISSION_DENIED;
  const outcome = control.context.world.tree.makeDirectory(path, control.now);
  return outcome === "done" ? { code: 257, text: `${quoted(path)} directory created.` } : refusal(outcome);
}

export function rmd(control: Control, { path = "/" }: Command): Reply {
  if (!control.mayWrite(path)) return PERMISSION_DENIED;
  const outcome = control.context.world.tree.removeDirectory(path);
  return outcome === "done" ? DONE : refusal(outcome);
}

export function dele(control: Control, { path = "/" }: Command): Reply {
  if (!control.mayWrite(path)) return PERMISSION_DENIED;
  const outcome = control.context.world.tree.remove(path);
  return outcome === "done" ? DONE : refusal(outcome);
}

export function rnfr(control: Control, { path = "/" }: Command): Reply {
  if (!control.context.world.tree.stat(path)) return NO_SUCH_FILE;
  if (!control.mayWrite(path)) return PERMISSION_DENIED;
  control.renameFrom = path;
  return { code: 350, text: "File exists, ready for destination name." };
}

/** It may be renamed because a rule says so. */
export function allowRename(control: Control, { path = "/" }: Command): void {
  control.renameFrom = path;
}

export function rnto(control: Control, { path = "/" }: Command): Reply {
  const { tree } = control.context.world;
  const from = control.renameFrom;
  control.renameFrom = undefined;
  if (from === undefined) return { code: 503, text: "RNFR comes first." };
  if (!control.mayWrite(path)) return PERMISSION_DENIED;
  // As on Unix, a file takes the place of another.
  if (from !== path && tree.stat(from)?.type === "file" && tree.stat(path)?.type === "file") tree.remove(path);
  const outcome = tree.rename(from, path, control.now);
  return outcome === "done" ? DONE : { ...refusal(outcome), code: 553 };
}

export function size(control: Control, { path = "/" }: Command): Reply {
  const { tree } = control.context.world;
  const stat = tree.stat(path);
  if (!stat) return NO_SUCH_FILE;
  if (stat.type !== "file") return NOT_PLAIN;
  if (control.type === "I") return { code: 213, text: String(stat.octets) };
  if (control.context.options.strict) return { code: 550, text: "SIZE is not allowed in TYPE A." };
  // RFC 3659 section 4: what a transfer in the current TYPE would send
  const octets = tree.read(path);
  return octets ? { code: 213, text: String(asciiLength(octets)) } : NO_SUCH_FILE;
}

export function mdtm(control: Control, { path = "/" }: Command): Reply {
  const stat = control.context.world.tree.stat(path);
  if (!stat) return NO_SUCH_FILE;
  return stat.type === "file" ? { code: 213, text: timeVal(stat.modified) } : NOT_PLAIN;
}

/** MFMT (draft-somers-ftp-mfxx section 3). */
export function mfmt(control: Control, command: Command): Reply {
  const { tree } = control.context.world;
  const { path = "/" } = command;
  const time = parseTimeVal(command.argument.split(" ", 1)[0] ?? "");
  if (time === undefined) return { code: 501, text: "Syntax: MFMT YYYYMMDDHHMMSS path" };
  const octets = tree.read(path);
  if (!octets) return tree.stat(path) ? NOT_PLAIN : NO_SUCH_FILE;
  if (!control.mayWrite(path)) return PERMISSION_DENIED;
  const outcome = tree.write(path, octets, time);
  return outcome === "done" ? { code: 213, text: `Modify=${timeVal(time)}; ${printable(path)}` } : refusal(outcome);
}
