import { asBuffer, fromLatin1, toLatin1, toUtf8 } from "../../../src/wire/bytes.ts";

/** The parts of a form, by name. */
export interface Form {
  readonly fields: { readonly [name: string]: readonly string[] };
  readonly files: { readonly [name: string]: readonly string[] };
}

const BLANK_LINE = fromLatin1("\r\n\r\n");

/** The boundary that a Content-Type names (RFC 2046 section 5.1.1). */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** Takes a multipart/form-data body apart (RFC 7578); `undefined` if it is not one with this boundary. */
export function parseForm(body: Uint8Array, boundary: string): Form | undefined {
  const octets = asBuffer(body);
  const delimiter = fromLatin1(`--${boundary}`);
  const separator = fromLatin1(`\r\n--${boundary}`);
  const fields: { [name: string]: string[] } = Object.create(null);
  const files: { [name: string]: string[] } = Object.create(null);
  const first = octets.indexOf(delimiter);
  if (first !== 0 && toLatin1(body, first - 2, first) !== "\r\n") return undefined;
  let at = first + delimiter.length;
  while (toLatin1(body, at, at + 2) !== "--") {
    const headEnd = octets.indexOf(BLANK_LINE, at);
    const end = octets.indexOf(separator, headEnd + 2);
    if (headEnd < 0 || end < 0) return undefined;
    const disposition = /^content-disposition:[^\r\n]*/im.exec(toUtf8(body.subarray(at, headEnd)))?.[0] ?? "";
    const name = parameter(disposition, "name");
    if (name === undefined) return undefined;
    const target = parameter(disposition, "filename") === undefined ? fields : files;
    target[name] ??= [];
    target[name].push(toUtf8(body.subarray(Math.min(headEnd + BLANK_LINE.length, end), end)));
    at = end + separator.length;
  }
  return { fields, files };
}

function parameter(disposition: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, "i").exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, "$1") ?? plain;
}
