import type { Fields, Input, Machine, Output } from "../../src/contract/machine.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { LineReader } from "../../src/wire/line-reader.ts";
import { encodeDisconnect, REASONS, type Reason } from "./disconnect.ts";
import { MAX_IDENTIFICATION_OCTETS, parseIdentification, speaksVersion2 } from "./identification.ts";

const LOGIN_GRACE = "login-grace";

/**
 * One SSH connection as far as the identification strings (RFC 4253 section 4.2), and the goodbye that follows them while
 * no key exchange is offered.
 */
export class SshMachine implements Machine {
  state: "IDENTIFICATION" | "CLOSED" = "IDENTIFICATION";
  readonly #identification: string;
  readonly #loginGraceMs: number;
  readonly #lines = new LineReader(MAX_IDENTIFICATION_OCTETS);

  /** `identification` with its CRLF. */
  constructor(identification: string, loginGraceMs: number) {
    this.#identification = identification;
    this.#loginGraceMs = loginGraceMs;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        // RFC 4253 section 4.2: both sides send their identification, and neither waits for the other's
        return [
          { do: "timer", name: LOGIN_GRACE, ms: this.#loginGraceMs },
          { do: "send", bytes: fromLatin1(this.#identification) },
        ];
      case "data":
        return this.#read(input.bytes);
      case "end":
        return this.#close([{ do: "note", event: "no-identification", detail: { octets: this.#lines.pending } }]);
      case "timer":
        return this.#disconnect("SSH_DISCONNECT_BY_APPLICATION", "No identification string in time.");
      case "shutdown":
        return input.reason === "too-many-sessions"
          ? this.#disconnect("SSH_DISCONNECT_TOO_MANY_CONNECTIONS", "Too many connections.")
          : this.#disconnect("SSH_DISCONNECT_BY_APPLICATION", "The server is stopping.");
      default:
        return [];
    }
  }

  #read(bytes: Uint8Array): Output[] {
    this.#lines.push(bytes);
    const line = this.#lines.next();
    // A line that is too long already need not come to its end to be refused.
    if (line?.type === "overlong" || this.#lines.dropping)
      return this.#refuse({}, "Invalid SSH identification string.");
    if (!line) return [];
    const text = toLatin1(line.bytes);
    const identification = parseIdentification(text);
    if (!identification) return this.#refuse({ identification: text }, "Invalid SSH identification string.");
    const request = { identification: text, ...identification };
    if (!speaksVersion2(identification)) return this.#refuse(request, "Protocol major versions differ.");
    return this.#disconnect("SSH_DISCONNECT_SERVICE_NOT_AVAILABLE", "Key exchange is not available.", request);
  }

  /** Quirk: a line of text, as OpenSSH does it: whoever has not said "SSH-2.0" may not know what a packet is. */
  #refuse(request: Fields, description: string): Output[] {
    return this.#close([
      { do: "send", bytes: fromLatin1(`${description}\r\n`) },
      { do: "exchange", request, reply: { identification: this.#identification.trimEnd(), description } },
    ]);
  }

  #disconnect(reason: Reason, description: string, request?: Fields): Output[] {
    const goodbye = { reason: REASONS[reason], description };
    return this.#close([
      { do: "send", bytes: encodeDisconnect(reason, description) },
      request
        ? { do: "exchange", request, reply: { identification: this.#identification.trimEnd(), ...goodbye } }
        : { do: "note", event: "disconnect", detail: goodbye },
    ]);
  }

  #close(lastWords: Output[]): Output[] {
    this.state = "CLOSED";
    return [...lastWords, { do: "close", how: "end" }];
  }
}
