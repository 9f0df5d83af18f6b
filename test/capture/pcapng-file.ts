/** A reader of pcapng files that shares nothing with their writer. */

export interface ReadBlock {
  readonly type: number;
  readonly body: Buffer;
}

export interface ReadPacket {
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly comments: readonly string[];
  /** 1 is inbound, 2 outbound. */
  readonly direction: number | undefined;
  readonly version: number;
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  /** From the pseudo header and the segment or datagram: 0 if it is right. */
  readonly checksum: number;
  /** Of the IPv4 header: 0 if it is right, or there is none. */
  readonly headerChecksum: number;
  readonly payload: Buffer;
}

export interface ReadSegment extends ReadPacket {
  readonly seq: number;
  readonly ack: number;
  readonly flags: string;
  readonly mss: number | undefined;
  readonly data: Buffer;
}

/** The blocks of a file. Throws if it is not made of whole blocks. */
export function blocksOf(file: Uint8Array): ReadBlock[] {
  const octets = Buffer.from(file);
  const blocks: ReadBlock[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = octets.readUInt32LE(at + 4);
    if (length % 4 !== 0 || octets.readUInt32LE(at + length - 4) !== length) throw new Error(`a broken block at ${at}`);
    blocks.push({ type: octets.readUInt32LE(at), body: octets.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

export function optionsOf(octets: Buffer): { readonly code: number; readonly value: Buffer }[] {
  const options: { code: number; value: Buffer }[] = [];
  for (let at = 0; at < octets.length; ) {
    const [code, length] = [octets.readUInt16LE(at), octets.readUInt16LE(at + 2)];
    if (code === 0) break;
    options.push({ code, value: octets.subarray(at + 4, at + 4 + length) });
    at += 4 + length + (-length & 3);
  }
  return options;
}

export function packetsOf(file: Uint8Array): ReadPacket[] {
  return blocksOf(file)
    .filter(({ type }) => type === 6)
    .map(({ body }) => {
      const length = body.readUInt32LE(12);
      const options = optionsOf(body.subarray(20 + length + (-length & 3)));
      return {
        time: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8),
        comments: options.filter(({ code }) => code === 1).map(({ value }) => value.toString("utf8")),
        direction: options.find(({ code }) => code === 2)?.value.readUInt32LE(0),
        ...readIp(body.subarray(20, 20 + length)),
      };
    });
}

const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK"];

export function segmentsOf(file: Uint8Array): ReadSegment[] {
  return packetsOf(file)
    .filter(({ protocol }) => protocol === 6)
    .map((packet) => {
      const { payload, source, destination } = packet;
      const head = (payload.readUInt8(12) >> 4) * 4;
      const bits = payload.readUInt8(13);
      const hasMss = head > 20 && payload.readUInt16BE(20) === 0x0204;
      return {
        ...packet,
        source: `${source} ${payload.readUInt16BE(0)}`,
        destination: `${destination} ${payload.readUInt16BE(2)}`,
        seq: payload.readUInt32BE(4),
        ack: payload.readUInt32BE(8),
        flags: FLAGS.filter((_, bit) => bits & (1 << bit)).join(","),
        mss: hasMss ? payload.readUInt16BE(22) : undefined,
        data: payload.subarray(head),
      };
    });
}

function readIp(octets: Buffer) {
  const version = octets.readUInt8(0) >> 4;
  const head = version === 4 ? 20 : 40;
  const length = version === 4 ? octets.readUInt16BE(2) : head + octets.readUInt16BE(4);
  if (length !== octets.length) throw new Error(`the IP header says ${length} octets of ${octets.length}`);
  const protocol = octets.readUInt8(version === 4 ? 9 : 6);
  const [source, destination] =
    version === 4
      ? [octets.subarray(12, 16), octets.subarray(16, 20)]
      : [octets.subarray(8, 24), octets.subarray(24, 40)];
  const payload = octets.subarray(head);
  const pseudo = Buffer.concat([
    source,
    destination,
    Buffer.of(0, protocol, payload.length >> 8, payload.length & 0xff),
  ]);
  return {
    version,
    protocol,
    source: addressOf(source),
    destination: addressOf(destination),
    checksum: checksumOf(Buffer.concat([pseudo, payload])),
    headerChecksum: version === 4 ? checksumOf(octets.subarray(0, 20)) : 0,
    payload,
  };
}

function addressOf(octets: Buffer): string {
  return octets.length === 4 ? octets.join(".") : (octets.toString("hex").match(/.{4}/g) ?? []).join(":");
}

/** RFC 1071: what is left of a sum with its checksum in it. */
function checksumOf(octets: Buffer): number {
  const even = octets.length % 2 === 0 ? octets : Buffer.concat([octets, Buffer.of(0)]);
  let sum = 0n;
  for (let at = 0; at < even.length; at += 2) sum += BigInt(even.readUInt16BE(at));
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(~sum & 0xffffn);
}
