import { listMembers } from "./field-lines.ts";
import type { FieldMap, Framing, Refusal } from "./request.ts";

/** What a head says about the octets behind it and about the connection. */
export interface Delimiting {
  readonly framing: Framing;
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
}

const TWO_LENGTHS: Refusal = { status: 400, why: "Content-Length and Transfer-Encoding exclude each other" };
const OLD_CODING: Refusal = { status: 400, why: "HTTP/1.0 knows no Transfer-Encoding" };
const BAD_CODING: Refusal = { status: 400, why: "the last transfer coding must be chunked, once" };
const OTHER_CODING: Refusal = { status: 501, why: "the only transfer coding here is chunked" };
const BAD_LENGTH: Refusal = { status: 400, why: "the Content-Length is malformed" };
const TOO_LONG: Refusal = { status: 413, why: "the body is too long" };
const OTHER_EXPECTATION: Refusal = { status: 417, why: "the only expectation here is 100-continue" };

/** Judges the fields Content-Length, Transfer-Encoding, Connection and Expect together. */
export function delimit(fields: FieldMap, version: string, maxBodyOctets: number): Delimiting | Refusal {
  const framing = frame(fields, version, maxBodyOctets);
  if (typeof framing === "object") return framing;
  const old = version === "HTTP/1.0";
  const connection = listMembers(fields.connection ?? "");
  const keepAlive = connection.includes("close") ? false : !old || connection.includes("keep-alive");
  // RFC 9110 section 10.1.1: an expectation in HTTP/1.0 is ignored.
  const expectation = old ? undefined : fields.expect?.toLowerCase();
  if (expectation !== undefined && expectation !== "100-continue") return OTHER_EXPECTATION;
  return { framing, keepAlive, expectsContinue: expectation !== undefined && framing !== 0 };
}

/** RFC 9112 section 6.3, strictly: what two readers could understand in two ways is refused. */
function frame(fields: FieldMap, version: string, maxBodyOctets: number): Framing | Refusal {
  const length = fields["content-length"];
  const coding = fields["transfer-encoding"];
  if (coding !== undefined) {
    if (length !== undefined) return TWO_LENGTHS;
    // RFC 9112 section 6.1: framing in HTTP/1.0 with a transfer coding is faulty.
    if (version === "HTTP/1.0") return OLD_CODING;
    const codings = listMembers(coding);
    if (codings.indexOf("chunked") !== codings.length - 1 || codings.length === 0) return BAD_CODING;
    return codings.length > 1 ? OTHER_CODING : "chunked";
  }
  if (length === undefined) return 0;
  // RFC 9110 section 8.6: the same length said twice is that length.
  const lengths = new Set(length.split(",").map((member) => member.trim()));
  const [octets = ""] = lengths;
  if (lengths.size > 1 || !/^[0-9]+$/.test(octets)) return BAD_LENGTH;
  return Number(octets) > maxBodyOctets ? TOO_LONG : Number(octets);
}
