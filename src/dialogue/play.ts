import type { Notation, Service } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import { fromLatin1, toLatin1 } from "../wire/bytes.ts";
import type { DialogueClient } from "./client.ts";
import type { Dialogue, Side, Step, Template } from "./dialogue.ts";

export interface PlayOptions {
  /** Cuts what the client says into these pieces: whole lines as written, or single octets. */
  readonly pieces: "whole" | "octets";
}

/**
 * Plays the client of a dialogue and compares every octet of the service.
 *
 * Client lines that follow each other leave in one write (over UDP: one datagram each). Resolves when the dialogue is
 * through; throws `DIALOGUE_DIFFERS` at the first line that did not come as written.
 */
export async function playDialogue(
  dialogue: Dialogue,
  service: Service,
  client: DialogueClient,
  options: PlayOptions,
): Promise<void> {
  const play = new Play(dialogue, service, client, options);
  try {
    for (let at = 0; at < dialogue.steps.length; ) at = await play.step(at);
    await play.finish();
  } finally {
    play.close();
  }
}

type Stepped<T extends Step["type"]> = Extract<Step, { type: T }>;

class Play {
  readonly #dialogue: Dialogue;
  readonly #service: Service;
  readonly #options: PlayOptions;
  readonly #clients: { main: DialogueClient; data?: DialogueClient };
  readonly #bound = new Map<string, string>();

  constructor(dialogue: Dialogue, service: Service, client: DialogueClient, options: PlayOptions) {
    this.#dialogue = dialogue;
    this.#service = service;
    this.#clients = { main: client };
    this.#options = options;
  }

  /** Plays the step at `at`, and those that go with it; returns the next one's place. */
  async step(at: number): Promise<number> {
    const step = this.#dialogue.steps[at] as Step;
    switch (step.type) {
      case "send":
        return this.#sendRun(step, at);
      case "send-message": {
        const message = this.#notation(step).read(step.text);
        this.#write("main", this.#framed(message));
        return at + 1;
      }
      case "end":
        this.#client(step.channel, step).end();
        return at + 1;
      case "connect":
        this.#clients.data?.close();
        this.#clients.data = await this.#clients.main.connect(this.#port(step));
        return at + 1;
      case "pass":
        this.#clients.main.advance(step.ms);
        return at + 1;
      case "expect":
        await this.#expect(step);
        return at + 1;
      case "expect-message":
        return this.#expectMessage(at);
      case "expect-end":
        await this.#expectClose(step, step.channel, "end");
        return at + 1;
      case "expect-reset":
        await this.#expectClose(step, "main", "reset");
        return at + 1;
    }
  }

  /** Nothing may be left that no line expected. */
  async finish(): Promise<void> {
    const last = this.#dialogue.steps.at(-1);
    for (const side of ["main", "data"] as const) {
      const client = this.#clients[side];
      if (!client || !last) continue;
      await client.settle();
      const { inbox } = client;
      if (inbox.octets.length > 0) throw this.#differs(last, "nothing more", show(inbox.octets));
      // A data connection may be closed by whoever is done with it.
      if (side === "data" || !inbox.over) continue;
      const isExpected = this.#dialogue.steps.some(
        (step) => step.type === "expect-reset" || (step.type === "expect-end" && step.channel === "main"),
      );
      if (!isExpected) throw this.#differs(last, "the connection stays open", "the service closes");
    }
  }

  close(): void {
    this.#clients.data?.close();
    this.#clients.main.close();
  }

  #sendRun(first: Stepped<"send">, at: number): number {
    let octets = "";
    let next = at;
    for (;;) {
      const step = this.#dialogue.steps[next];
      if (step?.type !== "send" || step.channel !== first.channel) break;
      octets += this.#fill(step.text, step) + (step.newline ? "\r\n" : "");
      next += 1;
      if (this.#dialogue.transport === "udp") break;
    }
    this.#write(first.channel, fromLatin1(octets), first);
    return next;
  }

  #write(side: Side, bytes: Uint8Array, step?: Step): void {
    const client = step ? this.#client(side, step) : this.#clients.main;
    if (this.#options.pieces === "whole" || this.#dialogue.transport === "udp") client.send(bytes);
    else for (let at = 0; at < bytes.length; at += 1) client.send(bytes.subarray(at, at + 1));
  }

  async #expect(step: Stepped<"expect">): Promise<void> {
    const { inbox } = this.#client(step.channel, step);
    const pattern = this.#pattern(step.text, step.newline);
    const wanted = () => show(fromLatin1(this.#print(step.text) + (step.newline ? "\r\n" : "")));
    for (;;) {
      const here = toLatin1(inbox.octets);
      const match = pattern.exec(here);
      if (match) {
        inbox.take(match[0].length);
        for (const [name, value] of Object.entries(match.groups ?? {})) this.#bound.set(name, value);
        return;
      }
      const hopeless = step.newline && here.includes("\n");
      if (hopeless || inbox.over || !(await inbox.more())) throw this.#differs(step, wanted(), show(inbox.octets));
    }
  }

  async #expectMessage(at: number): Promise<number> {
    const step = this.#dialogue.steps[at] as Stepped<"expect-message">;
    const lines: string[] = [];
    let next = at;
    for (let line = step.line; ; line += 1, next += 1) {
      const more = this.#dialogue.steps[next];
      // Lines that stand together are one message; a blank line begins another.
      if (more?.type !== "expect-message" || more.line !== line) break;
      lines.push(more.text);
    }
    const wanted = lines.join("\n");
    const { inbox } = this.#clients.main;
    for (;;) {
      const message = this.#unframed(inbox.octets);
      if (message) {
        inbox.take(this.#framed(message).length);
        const came = this.#notation(step).write(message).trimEnd();
        if (!linePattern(wanted).test(came)) throw this.#differs(step, wanted, came);
        return next;
      }
      if (inbox.over || !(await inbox.more())) throw this.#differs(step, wanted, show(inbox.octets));
    }
  }

  async #expectClose(step: Step, side: Side, how: "end" | "reset"): Promise<void> {
    const { inbox } = this.#client(side, step);
    const word = how === "end" ? "the service closes" : "the service resets";
    while (!inbox.over) if (!(await inbox.more())) throw this.#differs(step, word, `it is open; ${show(inbox.octets)}`);
    if (inbox.octets.length > 0) throw this.#differs(step, word, show(inbox.octets));
    if (how === "reset" && !inbox.wasReset) throw this.#differs(step, word, "it closed with FIN");
    if (how === "end" && !inbox.ended) throw this.#differs(step, word, "it reset the connection");
  }

  #client(side: Side, step: Step): DialogueClient {
    const client = this.#clients[side];
    if (!client) throw this.#differs(step, "a data connection", "no CD@ line came before");
    return client;
  }

  #notation(step: Step): Notation {
    const { notation } = this.#service;
    if (!notation) throw this.#differs(step, "a service with a notation", `${this.#service.name} has none`);
    return notation;
  }

  #framed(message: Uint8Array): Uint8Array {
    const frame = this.#dialogue.transport === "tcp" ? this.#service.notation?.frame : undefined;
    return frame ? frame(message) : message;
  }

  #unframed(octets: Uint8Array): Uint8Array | undefined {
    const unframe = this.#dialogue.transport === "tcp" ? this.#service.notation?.unframe : undefined;
    if (unframe) return unframe(octets)[0];
    return octets.length > 0 ? octets : undefined;
  }

  /** The port of a `CD@` line: a number, a name, or the two octets of a 227 reply. */
  #port(step: Stepped<"connect">): number {
    const words = step.to.split(",").map((word) => {
      const name = /^\{([a-z0-9]+)\}$/.exec(word.trim())?.[1];
      return Number(name === undefined ? word : this.#bound.get(name));
    });
    return words.reduce((port, octet) => port * 256 + octet, 0);
  }

  #fill(text: Template, step: Step): string {
    return text
      .map((part) => {
        if (typeof part === "string") return part;
        const value = this.#bound.get(part.name);
        if (value === undefined) throw this.#differs(step, `{${part.name}} bound by an earlier line`, "it is not");
        return value;
      })
      .join("");
  }

  #pattern(text: Template, newline: boolean): RegExp {
    const seen = new Set<string>();
    const source = text.map((part) => {
      if (typeof part === "string") return literal(part);
      if (part.name === "*") return "[^\\r\\n]*?";
      const value = this.#bound.get(part.name);
      if (value !== undefined) return literal(value);
      if (seen.has(part.name)) return `\\k<${part.name}>`;
      seen.add(part.name);
      return `(?<${part.name}>[^\\s,()|]+)`;
    });
    return new RegExp(`^${source.join("")}${newline ? "\\r\\n" : ""}`, "s");
  }

  #print(text: Template): string {
    return text
      .map((part) => (typeof part === "string" ? part : (this.#bound.get(part.name) ?? `{${part.name}}`)))
      .join("");
  }

  #differs(step: Step, wanted: string, came: string): PortwrightError {
    const { source } = this.#dialogue;
    return new PortwrightError(
      "DIALOGUE_DIFFERS",
      `${source}:${step.line}: expected\n  ${wanted}\nbut there came\n  ${came}`,
    );
  }
}

function linePattern(wanted: string): RegExp {
  const parts = wanted.split("{*}").map(literal);
  return new RegExp(`^${parts.join("[^\\n]*")}$`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Octets for a message to people: at most 400, in the notation of the dialogues. */
function show(bytes: Uint8Array): string {
  if (bytes.length === 0) return "(nothing)";
  const text = toLatin1(bytes, 0, 400).replace(/[^\x20-\x7e]/g, (char) => {
    if (char === "\r") return "\\r";
    if (char === "\n") return "\\n";
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return bytes.length > 400 ? `${text} ... (${bytes.length} octets)` : text;
}
