import type { Field } from "./fields.ts";
import type { OctetReader } from "./octets.ts";

/** RFC 1876 section 2: degrees in thousandths of a second of arc, from here. */
const EQUATOR = 2 ** 31;
const DEGREE = 3_600_000;
/** Centimetres, from 100,000 m below the reference. */
const ALTITUDE_BASE = 10_000_000;
const MAX_U32 = 2 ** 32 - 1;
/** RFC 1876 section 3: 1 m, 10,000 m and 10 m, where nothing is said. */
const DEFAULT_SIZES = [100, 1_000_000, 1000] as const;

/** RFC 1876: where on Earth. */
export const LOCATION: Field = {
  expected: "degrees [minutes [seconds]] N or S, the same E or W, and metres: 52 22 23 N 4 53 32 E -2m 0m 10000m 10m",
  extent: 16,
  takesAll: true,
  parse(texts, out) {
    const words = [...texts];
    const latitude = readAngle(words, /^[NS]$/i, 90);
    const longitude = latitude === undefined ? undefined : readAngle(words, /^[EW]$/i, 180);
    const altitude = longitude === undefined ? undefined : readMetres(words.shift());
    if (latitude === undefined || longitude === undefined || altitude === undefined) return false;
    const above = altitude + ALTITUDE_BASE;
    const sizes = DEFAULT_SIZES.map((size) => (words.length === 0 ? size : readMetres(words.shift())));
    if (words.length > 0 || above < 0 || above > MAX_U32) return false;
    const packed = sizes.map((size) => (size === undefined ? undefined : packSize(size)));
    if (!packed.every((size) => size !== undefined)) return false;
    out.u8(0);
    for (const size of packed) out.u8(size);
    out.u32(latitude);
    out.u32(longitude);
    out.u32(above);
    return true;
  },
  print(rdata) {
    if (rdata.u8() !== 0) rdata.fail("a location has another version than 0");
    const sizes = DEFAULT_SIZES.map(() => printSize(rdata));
    const latitude = printAngle(rdata, "N", "S", 90);
    const longitude = printAngle(rdata, "E", "W", 180);
    const altitude = `${((rdata.u32() - ALTITUDE_BASE) / 100).toFixed(2)}m`;
    return [latitude, longitude, altitude, ...sizes].join(" ");
  },
};

/** Takes an angle and its direction from the beginning of `words`. */
function readAngle(words: string[], directions: RegExp, maxDegrees: number): number | undefined {
  const end = words.findIndex((word) => directions.test(word));
  if (end < 1 || end > 3) return undefined;
  const [degrees = "", minutes = "0", seconds = "0"] = words.splice(0, end);
  const direction = words.shift()?.toUpperCase();
  if (!/^\d{1,3}$/.test(degrees) || !/^\d{1,2}$/.test(minutes) || !/^\d{1,2}(\.\d{1,3})?$/.test(seconds))
    return undefined;
  if (Number(minutes) > 59 || Number(seconds) >= 60) return undefined;
  const angle = Number(degrees) * DEGREE + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1000);
  if (angle > maxDegrees * DEGREE) return undefined;
  return direction === "N" || direction === "E" ? EQUATOR + angle : EQUATOR - angle;
}

function printAngle(rdata: OctetReader, above: string, below: string, maxDegrees: number): string {
  const angle = rdata.u32() - EQUATOR;
  const size = Math.abs(angle);
  if (size > maxDegrees * DEGREE) rdata.fail("a location is not on Earth");
  const minutes = Math.floor((size % DEGREE) / 60_000);
  return `${Math.floor(size / DEGREE)} ${minutes} ${((size % 60_000) / 1000).toFixed(3)} ${angle < 0 ? below : above}`;
}

/** Centimetres. */
function readMetres(word = ""): number | undefined {
  return /^-?\d{1,8}(\.\d{1,2})?m?$/i.test(word) ? Math.round(Number.parseFloat(word) * 100) : undefined;
}

/** RFC 1876 section 2: a digit and a power of ten; the digits that have no place are left out. */
function packSize(centimetres: number): number | undefined {
  if (centimetres < 0) return undefined;
  let exponent = 0;
  let digit = centimetres;
  for (; digit > 9; digit = Math.floor(digit / 10)) exponent += 1;
  return exponent > 9 ? undefined : (digit << 4) | exponent;
}

function printSize(rdata: OctetReader): string {
  const octet = rdata.u8();
  const digit = octet >> 4;
  const exponent = octet & 0xf;
  if (digit > 9 || exponent > 9 || (digit === 0 && exponent > 0)) rdata.fail("a size is no digit and power of ten");
  const metres = (digit * 10 ** exponent) / 100;
  return `${exponent < 2 && digit > 0 ? metres.toFixed(2) : metres}m`;
}
