import { concat, fromUtf8 } from "../../src/wire/bytes.ts";

/** Why a connection ends (RFC 4253 section 11.1). */
export const REASONS = {
  SSH_DISCONNECT_HOST_NOT_ALLOWED_TO_CONNECT: 1,
  SSH_DISCONNECT_PROTOCOL_ERROR: 2,
  SSH_DISCONNECT_KEY_EXCHANGE_FAILED: 3,
  SSH_DISCONNECT_RESERVED: 4,
  SSH_DISCONNECT_MAC_ERROR: 5,
  SSH_DISCONNECT_COMPRESSION_ERROR: 6,
  SSH_DISCONNECT_SERVICE_NOT_AVAILABLE: 7,
  SSH_DISCONNECT_PROTOCOL_VERSION_NOT_SUPPORTED: 8,
  SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE: 9,
  SSH_DISCONNECT_CONNECTION_LOST: 10,
  SSH_DISCONNECT_BY_APPLICATION: 11,
  SSH_DISCONNECT_TOO_MANY_CONNECTIONS: 12,
  SSH_DISCONNECT_AUTH_CANCELLED_BY_USER: 13,
  SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE: 14,
  SSH_DISCONNECT_ILLEGAL_USER_NAME: 15,
} as const;

export type Reason = keyof typeof REASONS;

const SSH_MSG_DISCONNECT = 1;

/** SSH_MSG_DISCONNECT as a binary packet, before any keys: neither encrypted nor compressed, and without a MAC. */
export function encodeDisconnect(reason: number, description: string): Uint8Array {
  const language = "";
  return packet(concat([Uint8Array.of(SSH_MSG_DISCONNECT), uint32(reason), string(description), string(language)]));
}

/** RFC 4253 section 6: the whole packet is a multiple of 8 octets, of which at least four are padding. */
function packet(payload: Uint8Array): Uint8Array {
  const unpadded = 4 + 1 + payload.length;
  const padding = 4 + ((8 - ((unpadded + 4) % 8)) % 8);
  // Quirk: the padding is zeros, not random, so that the same goodbye is the same octets.
  return concat([uint32(1 + payload.length + padding), Uint8Array.of(padding), payload, new Uint8Array(padding)]);
}

/** RFC 4251 section 5. */
function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** RFC 4251 section 5: length and octets. */
function string(text: string): Uint8Array {
  const bytes = fromUtf8(text);
  return concat([uint32(bytes.length), bytes]);
}
