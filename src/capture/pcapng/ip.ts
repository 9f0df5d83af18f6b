/** Packets of IPv4 (RFC 791) and IPv6 (RFC 8200) with the headers and checksums of TCP and UDP. */
import type { Endpoint } from "../../contract/machine.ts";

export const TCP = 6;
export const UDP = 17;

const IPV4_HEADER_OCTETS = 20;
const IPV6_HEADER_OCTETS = 40;
const HOP_LIMIT = 64;
const DONT_FRAGMENT = 0x4000;
const UDP_HEADER_OCTETS = 8;

/** The two ends of a conversation, with addresses of one family as octets. */
export interface Ends {
  readonly version: 4 | 6;
  readonly client: End;
  readonly server: End;
}

export interface End {
  readonly address: Buffer;
  readonly port: number;
}

/** Both ends as they stand in packets: IPv4 where both addresses are, otherwise IPv6. */
export function endsOf(client: Endpoint, server: Endpoint): Ends {
  const [from, to] = [parseAddress(client.address), parseAddress(server.address)];
  if (from.length === 4 && to.length === 4) {
    return { version: 4, client: { address: from, port: client.port }, server: { address: to, port: server.port } };
  }
  return {
    version: 6,
    client: { address: mapped(from), port: client.port },
    server: { address: mapped(to), port: server.port },
  };
}

/** A TCP segment or UDP datagram, checksum still 0 at `checksumAt`, as an IP packet. */
export function ipPacket(
  version: 4 | 6,
  from: End,
  to: End,
  payload: { readonly protocol: number; readonly octets: Buffer; readonly checksumAt: number; readonly id: number },
): Buffer {
  const { protocol, octets, checksumAt, id } = payload;
  const pseudo = sum(from.address) + sum(to.address) + protocol + octets.length;
  const checksum = fold(pseudo + sum(octets));
  // RFC 768: a computed 0 is sent as all ones, for 0 means that there is none.
  octets.writeUInt16BE(checksum === 0 && protocol === UDP ? 0xffff : checksum, checksumAt);
  return Buffer.concat([
    version === 4 ? ipv4Header(from, to, protocol, octets.length, id) : ipv6Header(from, to, protocol, octets.length),
    octets,
  ]);
}

/** A UDP datagram (RFC 768). */
export function udpDatagram(from: End, to: End, data: Uint8Array): Buffer {
  const octets = Buffer.alloc(UDP_HEADER_OCTETS + data.length);
  octets.writeUInt16BE(from.port, 0);
  octets.writeUInt16BE(to.port, 2);
  octets.writeUInt16BE(octets.length, 4);
  octets.set(data, UDP_HEADER_OCTETS);
  return octets;
}

function ipv4Header(from: End, to: End, protocol: number, octets: number, id: number): Buffer {
  const header = Buffer.alloc(IPV4_HEADER_OCTETS);
  header[0] = 0x45;
  header.writeUInt16BE(IPV4_HEADER_OCTETS + octets, 2);
  header.writeUInt16BE(id & 0xffff, 4);
  header.writeUInt16BE(DONT_FRAGMENT, 6);
  header[8] = HOP_LIMIT;
  header[9] = protocol;
  header.set(from.address, 12);
  header.set(to.address, 16);
  header.writeUInt16BE(fold(sum(header)), 10);
  return header;
}

function ipv6Header(from: End, to: End, protocol: number, octets: number): Buffer {
  const header = Buffer.alloc(IPV6_HEADER_OCTETS);
  header[0] = 0x60;
  header.writeUInt16BE(octets, 4);
  header[6] = protocol;
  header[7] = HOP_LIMIT;
  header.set(from.address, 8);
  header.set(to.address, 24);
  return header;
}

/** RFC 1071: 16-bit words added up; an odd last octet counts as its word's upper half. */
function sum(octets: Buffer): number {
  let total = 0;
  const even = octets.length & ~1;
  for (let at = 0; at < even; at += 2) total += ((octets[at] as number) << 8) | (octets[at + 1] as number);
  return even < octets.length ? total + ((octets[even] as number) << 8) : total;
}

/** The ones' complement of a sum of 16-bit words. */
function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** RFC 4291 section 2.5.5.2. */
function mapped(address: Buffer): Buffer {
  return address.length === 16 ? address : Buffer.concat([Buffer.alloc(10), Buffer.of(0xff, 0xff), address]);
}

/** 4 or 16 octets; for what is no address, 0.0.0.0. */
function parseAddress(text: string): Buffer {
  const [address = ""] = text.split("%"); // without a zone
  if (!address.includes(":")) return parseIpv4(address) ?? Buffer.alloc(4);
  const [front = "", back] = address.split("::");
  const head = groupsOf(front);
  const tail = back === undefined ? [] : groupsOf(back);
  const groups = [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => 0), ...tail];
  const octets = Buffer.alloc(16);
  for (const [index, group] of groups.slice(0, 8).entries()) octets.writeUInt16BE(group & 0xffff, index * 2);
  return octets;
}

/** Colon-separated groups, where the last may be an IPv4 address (RFC 4291 section 2.2). */
function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    const embedded = group.includes(".") ? parseIpv4(group) : undefined;
    return embedded ? [embedded.readUInt16BE(0), embedded.readUInt16BE(2)] : [Number.parseInt(group, 16) || 0];
  });
}

function parseIpv4(text: string): Buffer | undefined {
  const octets = text.split(".").map(Number);
  return octets.length === 4 && octets.every((octet) => octet >= 0 && octet <= 255) ? Buffer.from(octets) : undefined;
}
