import type { Fields } from "../../src/contract/machine.ts";
import { fromUtf8 } from "../../src/wire/bytes.ts";
import { encodeDisconnect, REASONS, type Reason } from "./disconnect.ts";

/** The service's last words: what the journal shows of them, and what the client gets. */
export interface Goodbye {
  readonly fields: Fields & { readonly reason?: number; readonly description: string };
  readonly octets: Uint8Array;
}

/** SSH_MSG_DISCONNECT. */
export function disconnect(reason: Reason | number, description: string): Goodbye {
  const code = typeof reason === "number" ? reason : REASONS[reason];
  return { fields: { reason: code, description }, octets: encodeDisconnect(code, description) };
}

/** Quirk: a line of text, as OpenSSH does it: whoever has not said "SSH-2.0" may not know what a packet is. */
export function lastLine(description: string): Goodbye {
  return { fields: { description }, octets: fromUtf8(`${description}\r\n`) };
}
