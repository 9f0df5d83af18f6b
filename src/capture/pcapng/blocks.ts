/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian: each is its type, its length, a body padded to
 * 32 bits, and its length again, so that a file cut between two blocks is a whole file.
 */
import { asBuffer, fromUtf8 } from "../../wire/bytes.ts";

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const ENHANCED_PACKET_BLOCK = 6;
const DECRYPTION_SECRETS_BLOCK = 10;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LENGTH_UNKNOWN = -1n;
/** Packets begin with an IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101;
/** `TLSK`: lines of an NSS key log. */
const TLS_KEY_LOG = 0x544c534b;

const OPT_COMMENT = 1;
const SHB_OS = 3;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
/** An option's length has 16 bits; nobody reads comments as long as that. */
const MOST_COMMENT_CHARACTERS = 2000;

const BLOCK_FRAME_OCTETS = 12;
const OPTION_HEAD_OCTETS = 4;

/** A packet as it is written, with its IP header. */
export interface Packet {
  /** In microseconds since the epoch. */
  readonly time: number;
  readonly octets: Buffer;
  /** Who sent it. */
  readonly from: "client" | "server";
  readonly comments: readonly string[];
}

/** The first block of a file: who wrote it. */
export function sectionHeader(application: string): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  body.writeBigInt64LE(LENGTH_UNKNOWN, 8);
  return block(SECTION_HEADER_BLOCK, [
    body,
    ...options([text(SHB_OS, process.platform), text(SHB_USERAPPL, application)]),
  ]);
}

/** The one interface that all packets come from. */
export function interfaceDescription(name: string, description: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(LINKTYPE_RAW, 0);
  const microseconds = option(IF_TSRESOL, Buffer.of(6));
  return block(INTERFACE_DESCRIPTION_BLOCK, [
    body,
    ...options([text(IF_NAME, name), text(IF_DESCRIPTION, description), microseconds]),
  ]);
}

export function enhancedPacket({ time, octets, from, comments }: Packet): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(Math.floor(time / 2 ** 32), 4);
  head.writeUInt32LE(time % 2 ** 32, 8);
  head.writeUInt32LE(octets.length, 12);
  head.writeUInt32LE(octets.length, 16);
  const direction = Buffer.alloc(4);
  direction.writeUInt32LE(from === "client" ? 1 : 2);
  return block(ENHANCED_PACKET_BLOCK, [
    head,
    octets,
    padding(octets.length),
    ...options([
      ...comments.map((comment) => text(OPT_COMMENT, comment.slice(0, MOST_COMMENT_CHARACTERS))),
      option(EPB_FLAGS, direction),
    ]),
  ]);
}

/** Lines of an NSS key log: they decrypt packets that stand behind this block. */
export function decryptionSecrets(keyLog: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(TLS_KEY_LOG, 0);
  head.writeUInt32LE(keyLog.length, 4);
  return block(DECRYPTION_SECRETS_BLOCK, [head, keyLog, padding(keyLog.length)]);
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const octets = parts.reduce((sum, part) => sum + part.length, BLOCK_FRAME_OCTETS);
  const whole = Buffer.alloc(octets);
  whole.writeUInt32LE(type, 0);
  whole.writeUInt32LE(octets, 4);
  let at = 8;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  whole.writeUInt32LE(octets, at);
  return whole;
}

function options(all: readonly Buffer[]): readonly Buffer[] {
  return [...all, Buffer.alloc(OPTION_HEAD_OCTETS)]; // opt_endofopt
}

function text(code: number, value: string): Buffer {
  return option(code, asBuffer(fromUtf8(value)));
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(OPTION_HEAD_OCTETS);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value, padding(value.length)]);
}

function padding(octets: number): Buffer {
  return Buffer.alloc(-octets & 3);
}
