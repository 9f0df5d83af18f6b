import { createHmac } from "node:crypto";

/** The other side of TSIG (RFC 8945), made with Node's own HMAC: what the service says is held against it. */

const nameOctets = (name: string) =>
  Buffer.concat([...name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.of(0)]);

export interface Signature {
  readonly key?: string;
  readonly secret?: string;
  readonly algorithm?: string;
  /** Seconds since the epoch. */
  readonly at?: number;
  readonly macOctets?: number;
}

const u16 = (value: number) => Buffer.of(value >> 8, value & 0xff);
const times = (at: number) =>
  Buffer.concat([u16(0), Buffer.of(at >>> 24, (at >> 16) & 0xff, (at >> 8) & 0xff, at & 0xff), u16(300)]);

export const SECRET = Buffer.from("a secret of whatever length").toString("base64");

function variables(key: string, algorithm: string, at: number, error: number, other: Buffer): Buffer {
  const name = nameOctets(key.toLowerCase());
  return Buffer.concat([
    name,
    u16(255),
    Buffer.alloc(4),
    nameOctets(algorithm),
    times(at),
    u16(error),
    u16(other.length),
    other,
  ]);
}

/** The message with a TSIG record, and its code. */
export function sign(
  message: Uint8Array,
  signature: Signature = {},
): { readonly octets: Uint8Array; readonly mac: Buffer } {
  const { key = "test-key", secret = SECRET, algorithm = "hmac-sha256", at = 0, macOctets = 32 } = signature;
  const digested = Buffer.concat([message, variables(key, algorithm, at, 0, Buffer.alloc(0))]);
  const mac = createHmac("sha256", Buffer.from(secret, "base64")).update(digested).digest().subarray(0, macOctets);
  const rdata = Buffer.concat([
    nameOctets(algorithm),
    times(at),
    u16(mac.length),
    mac,
    message.subarray(0, 2),
    u16(0),
    u16(0),
  ]);
  const octets = Buffer.concat([
    message,
    nameOctets(key),
    u16(250),
    u16(255),
    Buffer.alloc(4),
    u16(rdata.length),
    rdata,
  ]);
  octets.writeUInt16BE(octets.readUInt16BE(10) + 1, 10);
  return { octets, mac };
}

/** What the TSIG record of an answer says, and whether its code is right; `priorMac` is the request's, or the one before. */
export function check(
  answer: Uint8Array,
  priorMac: Buffer,
  { key = "test-key", secret = SECRET, algorithm = "hmac-sha256" }: Signature = {},
  isFirst = true,
): { readonly error: number; readonly isRight: boolean; readonly mac: Buffer; readonly other: string } {
  const octets = Buffer.from(answer);
  const start = octets.lastIndexOf(Buffer.concat([nameOctets(key), u16(250), u16(255)]));
  const rdata = octets.subarray(start + nameOctets(key).length + 10 + nameOctets(algorithm).length);
  const at = rdata.readUIntBE(0, 6);
  const macLength = rdata.readUInt16BE(8);
  const mac = rdata.subarray(10, 10 + macLength);
  const error = rdata.readUInt16BE(12 + macLength);
  const other = rdata.subarray(16 + macLength);
  const before = Buffer.from(octets.subarray(0, start));
  before.writeUInt16BE(before.readUInt16BE(10) - 1, 10);
  const expected = createHmac("sha256", Buffer.from(secret, "base64"))
    .update(
      Buffer.concat([
        u16(priorMac.length),
        priorMac,
        before,
        isFirst ? variables(key, algorithm, at, error, other) : times(at),
      ]),
    )
    .digest();
  return { error, isRight: expected.equals(mac), mac, other: other.toString("hex") };
}
