import type { Input } from "../../src/contract/machine.ts";
import { Collector } from "../../src/wire/collector.ts";
import type { Command, Control, DataConnection } from "./control.ts";
import type { RuledReply } from "./ruled-reply.ts";
import { cannotOpen, DATA_TIMER } from "./transfer.ts";
import type { Reply } from "./wire.ts";

/** The data connection: asked for by PASV and EPSV, used by one transfer. */

/** What a client may send before it says what for. */
const MAX_EARLY_OCTETS = 1024 * 1024;

/** RFC 1122 section 3.2.1.3: this host, on an IPv6 session whose address has no place in 227. */
const NOWHERE = "0.0.0.0";
const CANNOT_OPEN: Reply = { code: 425, text: "Can't open data connection.", isOwn: true };

/** PASV (RFC 959 section 4.1.2). */
export function enterPassive(control: Control, command: Command): Reply | undefined {
  if (command.rule?.reply?.code !== undefined) return listen(control, command);
  // RFC 2428 section 4: after EPSV ALL, nothing but EPSV
  if (control.epsvOnly) return { code: 501, text: "EPSV ALL was sent: use EPSV." };
  if (ipv4Of(control.local.address) === undefined && control.context.options.passiveAddress === "")
    return { code: 425, text: "PASV has no room for an IPv6 address: use EPSV." };
  return listen(control, command);
}

/** EPSV (RFC 2428 section 3). */
export function enterExtendedPassive(control: Control, command: Command): Reply | undefined {
  const argument = command.argument.trim().toUpperCase();
  if (argument === "ALL") {
    control.epsvOnly = true;
    return { code: 200, text: "EPSV ALL: only EPSV from now on." };
  }
  if (command.rule?.reply?.code !== undefined) return listen(control, command);
  const own = ipv4Of(control.local.address) === undefined ? "2" : "1";
  if (argument === "" || argument === own) return listen(control, command);
  if (/^\d+$/.test(argument)) return { code: 522, text: `Network protocol not supported, use (${own})` };
  return { code: 501, text: "Syntax: EPSV [1|2|ALL]" };
}

function listen(control: Control, command: Command): undefined {
  control.closeData("end");
  control.dataConnections += 1;
  const channel = `data-${control.dataConnections}`;
  control.data = { channel, phase: "listening", ended: false, received: new Collector() };
  control.entering = command;
  control.output({ do: "listen", channel });
}

/** An input that concerns a data connection; those of earlier ones are late, and mean nothing. */
export function dataConnectionInput(control: Control, input: Input & { readonly channel?: string }): void {
  const { data, transfer } = control;
  if (!data || input.channel !== data.channel) return;
  switch (input.type) {
    case "listening":
      entered(control, input.local.port);
      return;
    case "channel":
      data.phase = "open";
      if (!transfer) return;
      control.output({ do: "timer", name: DATA_TIMER, ms: "off" });
      transfer.opened();
      return;
    case "data":
      if (transfer) transfer.received(input.bytes);
      else early(control, data, input.bytes);
      return;
    case "end":
      data.ended = true;
      transfer?.ended();
      return;
    case "pull":
      transfer?.pulled();
      return;
    case "refused":
      data.phase = "gone";
      refused(control, input.reason);
      return;
    case "closed":
      data.phase = "gone";
      transfer?.broken();
      control.data = undefined;
      return;
  }
}

/** Octets that come before the command that says where they go. */
function early(control: Control, data: DataConnection, bytes: Uint8Array): void {
  data.received.append(bytes);
  if (data.received.octets <= MAX_EARLY_OCTETS) return;
  control.note("data-before-command", { octets: data.received.octets });
  control.closeData("reset");
}

function entered(control: Control, port: number): void {
  const command = control.entering;
  if (!command) return;
  control.entering = undefined;
  const ruled = command.rule?.reply;
  if (ruled?.port === "closed") control.output({ do: "close", how: "end", channel: control.data?.channel ?? "" });
  control.answer(command, placeReply(control, command.verb, port, ruled));
}

/** Where the data connection is, or where a rule says that it is. */
function placeReply(control: Control, verb: string, bound: number, ruled: RuledReply | undefined): Reply {
  const port = typeof ruled?.port === "number" ? ruled.port : bound;
  const own = control.context.options.passiveAddress || ipv4Of(control.local.address);
  const address = ruled?.address ?? own ?? NOWHERE;
  const numbers = [...address.split("."), port >> 8, port & 0xff].join(",");
  const place = { address, numbers, port: String(port) };
  const code = ruled?.code ?? (verb === "EPSV" ? 229 : 227);
  if (code === 227) return { code, text: `Entering Passive Mode (${numbers}).`, place };
  const protocol = ruled?.address === undefined ? "|" : `1|${address}`;
  return { code: 229, text: `Entering Extended Passive Mode (|${protocol}|${port}|)`, place };
}

function refused(control: Control, reason: string): void {
  control.note("data-connection-refused", { reason });
  const command = control.entering;
  control.entering = undefined;
  if (command) control.answer(command, CANNOT_OPEN);
  else cannotOpen(control);
  control.data = undefined;
}

/** The data connection has not come in time. */
export function dataConnectionLate(control: Control): void {
  if (control.data?.phase !== "open") cannotOpen(control);
}

function ipv4Of(address: string): string | undefined {
  return /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
}
