import type { Transport } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import type { Dialogue, Side, Step, Template } from "./dialogue.ts";

/** The clock of a dialogue that names none: 2026-01-01, a Thursday. */
const DEFAULT_CLOCK = Date.UTC(2026, 0, 1);

const STEP = /^(CD|SD|C|S|~)([:|=.!@ ])( ?)(.*)$/;
const HEADER = /^([a-z]+): *(.*)$/;
/** What may stand before the first step, and what it looks like. */
const HEADERS: { readonly [name: string]: RegExp } = {
  service: /^[a-z][a-z0-9-]*$/,
  transport: /^(?:tcp|udp)$/,
  options: /^\{.*\}$/,
  clock: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/,
  only: /^machine$/,
};
const UNIT_MS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a dialogue file. Throws `DIALOGUE_MALFORMED` with file and line. */
export function parseDialogue(text: string, source: string): Dialogue {
  const headers = new Map<string, string>();
  const steps: Step[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (raw.startsWith("#") || raw.trim() === "") continue;
    const step = STEP.exec(raw);
    const header = steps.length === 0 && !step ? HEADER.exec(raw) : null;
    if (header) {
      const [, name = "", value = ""] = header;
      const isRight = HEADERS[name];
      if (!isRight)
        throw malformed(source, line, `unknown header ${name}; there are ${Object.keys(HEADERS).join(", ")}`);
      if (!isRight.test(value)) throw malformed(source, line, `${name}: ${JSON.stringify(value)} means nothing`);
      headers.set(name, value);
    } else if (step) steps.push(parseStep(step, line, source));
    else throw malformed(source, line, `expected "C: ...", "S: ..." or "# ...", found ${JSON.stringify(raw)}`);
  }
  const service = headers.get("service");
  if (service === undefined) throw malformed(source, 1, 'the header "service: NAME" is missing');
  const clock = headers.get("clock");
  return {
    source,
    service,
    transport: (headers.get("transport") ?? "tcp") as Transport,
    options: parseOptions(headers.get("options"), source),
    clock: clock === undefined ? DEFAULT_CLOCK : Date.parse(clock),
    onlyMachine: headers.get("only") === "machine" || steps.some((step) => step.type === "pass"),
    steps,
  };
}

function parseStep(match: RegExpExecArray, line: number, source: string): Step {
  const [, who, mark, space, rest] = match as unknown as [string, string, string, string, string];
  const channel: Side = who === "CD" || who === "SD" ? "data" : "main";
  const client = who.startsWith("C");
  // "C: x" and "C| x" have one space that belongs to the notation; "C:x" is allowed too.
  const text = mark === ":" || mark === "|" || mark === "=" || mark === "@" ? rest : space + rest;
  if (who === "~") {
    const time = /^(\d+)(ms|s|m|h)$/.exec(text.trim());
    if (!time) throw malformed(source, line, "expected a time such as ~ 5m");
    return { line, type: "pass", ms: Number(time[1]) * (UNIT_MS[time[2] as string] as number) };
  }
  switch (mark) {
    case ":":
    case "|":
      return {
        line,
        type: client ? "send" : "expect",
        channel,
        text: parseTemplate(text, source, line),
        newline: mark === ":",
      };
    case "=":
      return { line, type: client ? "send-message" : "expect-message", text };
    case ".":
      return { line, type: client ? "end" : "expect-end", channel };
    case "!":
      if (!client) return { line, type: "expect-reset" };
      break;
    case "@":
      if (who === "CD") return { line, type: "connect", to: text.trim() };
      break;
  }
  throw malformed(source, line, `${who}${mark} means nothing`);
}

/** Text with escapes (`\r \n \t \0 \xNN \\ \{`) and places (`{name}`, `{*}`). */
function parseTemplate(text: string, source: string, line: number): Template {
  const parts: (string | { name: string })[] = [];
  let literal = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === "\\") {
      const escaped = /^\\(?:([rnt0\\{])|x([0-9a-fA-F]{2}))/.exec(text.slice(at));
      if (!escaped) throw malformed(source, line, `unknown escape ${text.slice(at, at + 2)}`);
      literal += escaped[1] ? ESCAPES[escaped[1]] : String.fromCharCode(Number.parseInt(escaped[2] as string, 16));
      at += escaped[0].length - 1;
      continue;
    }
    const place = char === "{" ? /^\{(\*|[a-z][a-z0-9]*)\}/.exec(text.slice(at)) : null;
    if (place) {
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push({ name: place[1] as string });
      at += place[0].length - 1;
    } else literal += char.charCodeAt(0) > 0xff ? Buffer.from(char, "utf8").toString("latin1") : char;
  }
  if (literal !== "") parts.push(literal);
  return parts;
}

const ESCAPES: { readonly [letter: string]: string } = {
  r: "\r",
  n: "\n",
  t: "\t",
  "0": "\0",
  "\\": "\\",
  "{": "{",
};

function parseOptions(text: string | undefined, source: string): { readonly [key: string]: unknown } {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as { readonly [key: string]: unknown };
  } catch (cause) {
    throw malformed(source, 1, `options: ${(cause as Error).message}`);
  }
}

function malformed(source: string, line: number, problem: string): PortwrightError {
  return new PortwrightError("DIALOGUE_MALFORMED", `${source}:${line}: ${problem}`);
}
