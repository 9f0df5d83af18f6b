import { concat, EMPTY } from "../../src/wire/bytes.ts";
import { nameOf, parentOf } from "../../src/wire/path.ts";
import { asciiLength, asciiPosition, fromAscii } from "./ascii.ts";
import { asciiContent, type Content, contentOfRule, generatedContent, imageContent } from "./content.ts";
import type { Command, Control } from "./control.ts";
import { PERMISSION_DENIED, refusal } from "./refusals.ts";
import type { RuledReply } from "./ruled-reply.ts";
import { abortTransfer, Receiving, Sending, startTransfer } from "./transfer.ts";
import { printable, type Reply } from "./wire.ts";

/** RETR, STOR, APPE, STOU and ABOR (RFC 959 section 4.1.3, RFC 3659 section 5). */

const NO_DATA_CONNECTION: Reply = { code: 425, text: "Use PASV or EPSV first.", isOwn: true };
const NOT_PLAIN: Reply = { code: 550, text: "Not a plain file." };
// RFC 3659 section 5.3: a marker out of range is told by the transfer command; RFC 1123 section 4.1.3.4: as 554
const BEYOND_END: Reply = { code: 554, text: "Restart marker lies beyond the end of the file." };
/** Of a file that only a rule knows. */
const GENERATED_OCTETS = 65_536;

export function retr(control: Control, command: Command): Reply | undefined {
  const { path = "/" } = command;
  const ruled = command.rule?.reply;
  const from = control.takeMarker();
  const content = contentOf(control, path, ruled);
  if (!content) return control.context.world.tree.stat(path) ? NOT_PLAIN : refusal("not-found");
  if (from > content.octets && !ruled) return BEYOND_END;
  if (!control.data) return NO_DATA_CONNECTION;
  const { size = content.octets } = ruled ?? {};
  const told = size === "none" ? "" : ` (${size} bytes)`;
  startTransfer(control, new Sending(control, command, content.pieces(from)), opening(control, path, told));
  return undefined;
}

/** A rule may bring its own, and makes up for a file that is not there. */
function contentOf(control: Control, path: string, ruled: RuledReply | undefined): Content | undefined {
  if (ruled?.data !== undefined) return contentOfRule(ruled.data);
  const bytes = control.context.world.tree.read(path);
  if (bytes) return control.type === "A" ? asciiContent(bytes) : imageContent(bytes);
  return ruled && generatedContent(GENERATED_OCTETS);
}

export function stor(control: Control, command: Command): Reply | undefined {
  return storeAt(control, command, control.takeMarker());
}

export function appe(control: Control, command: Command): Reply | undefined {
  // RFC 3659 section 5.3: with a restart marker, APPE is STOR
  return storeAt(control, command, control.takeMarker() || "end");
}

function storeAt(control: Control, command: Command, at: number | "end"): Reply | undefined {
  const { path = "/" } = command;
  return receive(control, command, path, at, opening(control, path, ""), "Transfer complete.");
}

export function stou(control: Control, command: Command): Reply | undefined {
  control.takeMarker();
  const wanted = command.path ?? control.resolve("file") ?? "/file";
  let path = wanted;
  for (let number = 1; control.context.world.tree.stat(path); number += 1) path = `${wanted}.${number}`;
  const name = printable(parentOf(path) === control.directory ? nameOf(path) : path);
  // RFC 1123 section 4.1.2.9: exactly this form
  return receive(control, command, path, 0, `FILE: ${name}`, `Transfer complete; stored as ${name}.`);
}

/** `at` is where the octets go, counted as the client counts in the current TYPE; what lies behind them stays, if that is not 0. */
function receive(
  control: Control,
  command: Command,
  path: string,
  at: number | "end",
  text: string,
  done: string,
): Reply | undefined {
  const { tree } = control.context.world;
  if (!command.rule?.reply) {
    if (!control.mayWrite(path)) return PERMISSION_DENIED;
    if (tree.stat(path)?.type === "directory") return refusal("is-a-directory");
    if (tree.stat(parentOf(path))?.type !== "directory") return refusal("not-found");
  }
  const old = at === 0 ? EMPTY : (tree.read(path) ?? EMPTY);
  const isAscii = control.type === "A";
  const oldOctets = isAscii ? asciiLength(old) : old.length;
  if (typeof at === "number" && at > oldOctets && !command.rule?.reply) return BEYOND_END;
  if (!control.data) return NO_DATA_CONNECTION;
  const position =
    at === "end" ? old.length : isAscii ? asciiPosition(old, Math.min(at, oldOctets)).at : Math.min(at, oldOctets);
  const free = tree.room + (tree.stat(path)?.octets ?? 0) - position;
  const limit = Math.min(free, control.context.options.maxFileOctets - position);
  const store = (bytes: Uint8Array) => {
    const octets = isAscii ? fromAscii(bytes) : bytes;
    const whole =
      old.length === 0 ? octets : concat([old.subarray(0, position), octets, old.subarray(position + octets.length)]);
    return tree.write(path, whole, control.now);
  };
  startTransfer(control, new Receiving(control, command, { limit, store, done }), text);
  return undefined;
}

export function abor(control: Control): Reply {
  // RFC 959 section 4.1.3: 426 for the transfer, then 226 for ABOR itself
  if (control.transfer) abortTransfer(control);
  else control.closeData("end");
  return { code: 226, text: "ABOR: data connection closed." };
}

function opening(control: Control, path: string, length: string): string {
  return `Opening ${control.type === "A" ? "ASCII" : "BINARY"} mode data connection for ${printable(path)}${length}.`;
}
