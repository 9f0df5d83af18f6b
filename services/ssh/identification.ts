/** What an identification string says (RFC 4253 section 4.2). */
interface Identification {
  readonly protocolVersion: string;
  readonly softwareVersion: string;
  readonly comments: string | undefined;
}

// RFC 4253 section 4.2: 255 characters, CR and LF included
export const MAX_IDENTIFICATION_OCTETS = 255;

/** RFC 4253 section 4.2: printable US-ASCII without whitespace and the minus sign. */
export const SOFTWARE_VERSION = /^[!-,.-~]+$/;

/** RFC 4253 section 4.2: the null character must not be sent; here, nothing but printable US-ASCII is. */
export const COMMENTS = /^[ -~]*$/;

/** With its CRLF. */
export function printIdentification(softwareVersion: string, comments: string): string {
  return `SSH-2.0-${softwareVersion}${comments === "" ? "" : ` ${comments}`}\r\n`;
}

/** Reads a line without its line end; `undefined` if it is no identification string. */
export function parseIdentification(line: string): Identification | undefined {
  // Quirk: the software version may hold minus signs, for clients do not always know better.
  const match = /^SSH-(?<protocolVersion>\d+\.\d+)-(?<softwareVersion>[!-~]+)(?: (?<comments>[^\0]*))?$/.exec(line);
  const { protocolVersion, softwareVersion, comments } = match?.groups ?? {};
  if (protocolVersion === undefined || softwareVersion === undefined) return undefined;
  return { protocolVersion, softwareVersion, comments };
}

/** RFC 4253 section 5.1: "1.99" says that both 1.x and 2.0 are spoken. */
export function speaksVersion2({ protocolVersion }: Identification): boolean {
  return protocolVersion === "1.99" || protocolVersion.startsWith("2.");
}
