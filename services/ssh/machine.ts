import type { Fields, Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import { fromLatin1, toLatin1, toUtf8 } from "../../src/wire/bytes.ts";
import { type Line, LineReader } from "../../src/wire/line-reader.ts";
import { disconnect, type Goodbye, lastLine } from "./goodbye.ts";
import { MAX_IDENTIFICATION_OCTETS, parseIdentification, speaksVersion2 } from "./identification.ts";
import type { SshReply } from "./stub.ts";

const LOGIN_GRACE = "login-grace";

const INVALID = lastLine("Invalid SSH identification string.");
const OTHER_VERSION = lastLine("Protocol major versions differ.");
const NO_KEY_EXCHANGE = disconnect("SSH_DISCONNECT_SERVICE_NOT_AVAILABLE", "Key exchange is not available.");
const LATE = disconnect("SSH_DISCONNECT_BY_APPLICATION", "No identification string in time.");
const STOPPING = disconnect("SSH_DISCONNECT_BY_APPLICATION", "The server is stopping.");
const TOO_MANY = disconnect("SSH_DISCONNECT_TOO_MANY_CONNECTIONS", "Too many connections.");

/**
 * One SSH connection as far as the identification strings (RFC 4253 section 4.2), and the goodbye that follows them while
 * no key exchange is offered.
 */
export class SshMachine implements Machine {
  /** `SILENT`: the client has identified itself, and a rule has it wait for ever. */
  state: "IDENTIFICATION" | "SILENT" | "CLOSED" = "IDENTIFICATION";
  #identification: Uint8Array;
  readonly #loginGraceMs: number;
  readonly #rules: Rules<SshReply>;
  readonly #lines = new LineReader(MAX_IDENTIFICATION_OCTETS);

  /** `identification` with its CRLF. */
  constructor(identification: string, loginGraceMs: number, rules: Rules<SshReply> = NO_RULES) {
    this.#identification = fromLatin1(identification);
    this.#loginGraceMs = loginGraceMs;
    this.#rules = rules;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "timer", name: LOGIN_GRACE, ms: this.#loginGraceMs }, ...this.#greet()];
      case "data":
        return this.state === "SILENT" ? [] : this.#read(input.bytes);
      case "end":
        if (this.state === "SILENT") return this.#close([]);
        return this.#close([{ do: "note", event: "no-identification", detail: { octets: this.#lines.pending } }]);
      case "timer":
        return this.#leave(LATE);
      case "shutdown":
        return this.#leave(input.reason === "too-many-sessions" ? TOO_MANY : STOPPING);
      default:
        return [];
    }
  }

  /** RFC 4253 section 4.2: both sides send their identification, and neither waits for the other's. */
  #greet(): Output[] {
    const ruling = this.#rules.greet();
    const outputs: Output[] = ruling ? [ruling.output] : [];
    if (ruling?.instead) return outputs;
    const { before, identification, goodbye } = ruling?.reply ?? {};
    if (before) outputs.push({ do: "send", bytes: before });
    this.#identification = identification ?? this.#identification;
    // A line of text is for those who have not said yet what they speak, and comes alone.
    const isLine = goodbye !== undefined && goodbye.fields.reason === undefined;
    if (identification || !isLine) outputs.push({ do: "send", bytes: this.#identification });
    return goodbye ? [...outputs, ...this.#leave(goodbye)] : outputs;
  }

  #read(bytes: Uint8Array): Output[] {
    this.#lines.push(bytes);
    const line = this.#lines.next();
    // A line that is too long already need not come to its end to be refused.
    if (this.#lines.dropping) return this.#answer({}, INVALID);
    return line ? this.#answerLine(line) : [];
  }

  #answerLine(line: Line): Output[] {
    if (line.type === "overlong") return this.#answer({}, INVALID);
    const text = toLatin1(line.bytes);
    const identification = parseIdentification(text);
    if (!identification) return this.#answer({ identification: text }, INVALID);
    const request = { identification: text, ...identification };
    return this.#answer(request, speaksVersion2(identification) ? NO_KEY_EXCHANGE : OTHER_VERSION);
  }

  #answer(request: Fields, own: Goodbye): Output[] {
    const ruling = this.#rules.any ? this.#rules.ask(request) : undefined;
    const outputs: Output[] = ruling ? [ruling.output] : [];
    if (ruling?.instead) {
      this.state = "SILENT";
      const off: Output = { do: "timer", name: LOGIN_GRACE, ms: "off" };
      return [...outputs, { do: "exchange", request, reply: {} }, off];
    }
    const { before, identification, goodbye = own } = ruling?.reply ?? {};
    if (before) outputs.push({ do: "send", bytes: before });
    if (identification) outputs.push({ do: "send", bytes: identification });
    const said = toUtf8(identification ?? this.#identification).trimEnd();
    outputs.push(
      { do: "send", bytes: goodbye.octets },
      { do: "exchange", request, reply: { identification: said, ...goodbye.fields } },
    );
    return this.#close(outputs);
  }

  /** Without having been asked anything. */
  #leave({ octets, fields }: Goodbye): Output[] {
    return this.#close([
      { do: "send", bytes: octets },
      { do: "note", event: "disconnect", detail: fields },
    ]);
  }

  #close(lastWords: Output[]): Output[] {
    this.state = "CLOSED";
    return [...lastWords, { do: "close", how: "end" }];
  }
}
