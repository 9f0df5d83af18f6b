/** What the control connection carries once Telnet is taken off it. */
export type ControlPart =
  | { readonly type: "text"; readonly bytes: Uint8Array }
  /** RFC 1123 section 4.1.2.12: the refusal of an offered or wanted Telnet option. */
  | { readonly type: "refusal"; readonly bytes: Uint8Array };

const IAC = 0xff;
const DONT = 0xfe;
const DO = 0xfd;
const WONT = 0xfc;
const WILL = 0xfb;
const IP = 0xf4;
const DM = 0xf2;
const FIRST_COMMAND = 0xf0;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Takes Telnet commands off the control connection (RFC 959 section 4.1.3: ABOR comes behind IAC IP, IAC DM).
 *
 * Theory of operation: clients send the Synch as TCP urgent data, of which the last octet leaves the stream. What is left
 * may be `IAC IP DM ABOR`, `IAC IP IAC ABOR`, or `ABOR` CR without its LF; all of them are read as ABOR.
 */
export class TelnetFilter {
  #mode: "text" | "command" | "option" = "text";
  #negotiation = 0;
  /** The line so far, as long as it can still be ABOR. */
  #word = "";
  #skipLf = false;

  *read(bytes: Uint8Array): Generator<ControlPart> {
    let text: number[] = [];
    for (const octet of bytes) {
      const mode = this.#mode;
      if (mode === "option") {
        this.#mode = "text";
        const answer = this.#negotiation === WILL ? DONT : this.#negotiation === DO ? WONT : undefined;
        if (answer === undefined) continue;
        if (text.length > 0) yield { type: "text", bytes: Uint8Array.from(text) };
        text = [];
        yield { type: "refusal", bytes: Uint8Array.of(IAC, answer, octet) };
      } else if (mode === "command" && octet >= FIRST_COMMAND && octet !== IAC) {
        this.#mode = octet >= WILL ? "option" : "text";
        this.#negotiation = octet;
      } else if (mode === "text" && octet === IAC) {
        this.#mode = "command";
      } else {
        this.#mode = "text";
        this.#text(octet, text);
      }
    }
    if (text.length > 0) yield { type: "text", bytes: Uint8Array.from(text) };
  }

  #text(octet: number, text: number[]): void {
    const skip = this.#skipLf && octet === LF;
    this.#skipLf = false;
    if (skip || (this.#word === "" && (octet === DM || octet === IP))) return;
    text.push(octet);
    if (octet === LF) this.#word = "";
    else if (octet === CR && this.#word.toUpperCase() === "ABOR") {
      text.push(LF);
      this.#word = "";
      this.#skipLf = true;
    } else if (this.#word.length < 5) this.#word += String.fromCharCode(octet);
  }
}
