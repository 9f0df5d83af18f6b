import { characters, escapeOctets, PresentationError } from "./text.ts";

declare const wire: unique symbol;

/**
 * A domain name as it is on the wire without compression, one character an octet (RFC 1035 section 3.1):
 * `\x03www\x07example\x04test\0`. Length octets are below the letters, so that letters can be changed in place.
 */
export type Name = string & { readonly [wire]: true };

/** The root, `.`. */
export const ROOT = "\0" as Name;

/** RFC 1035 section 2.3.4. */
const MAX_LABEL_OCTETS = 63;
export const MAX_NAME_OCTETS = 255;

/** Reads `www.example.test.`; a name without its final dot is below `origin`, and `@` is `origin` itself. */
export function parseName(text: string, origin: Name = ROOT): Name {
  if (text === "@") return origin;
  if (text === ".") return ROOT;
  if (text === "") throw new PresentationError("expected a name, not an empty string");
  const labels = splitLabels(text);
  const isAbsolute = labels.at(-1) === "";
  if (isAbsolute) labels.pop();
  const name = labels.map((label) => labelOctets(label, text)).join("") + (isAbsolute ? ROOT : origin);
  if (name.length > MAX_NAME_OCTETS)
    throw new PresentationError(`expected a name of at most ${MAX_NAME_OCTETS} octets; "${text}" has ${name.length}`);
  return name as Name;
}

/** What stands between the dots, escapes resolved; after a final dot, an empty label. */
function splitLabels(text: string): string[] {
  if (/^[\x00-\x7f]*$/.test(text) && !text.includes("\\")) return text.split(".");
  const labels = [""];
  for (const { char, escaped } of characters(text)) {
    if (char > "\x7f" && !escaped)
      throw new PresentationError(`expected a name in ASCII, not "${text}": write its A-label (xn--...)`);
    if (char === "." && !escaped) labels.push("");
    else labels[labels.length - 1] += char;
  }
  return labels;
}

function labelOctets(label: string, text: string): string {
  if (label === "") throw new PresentationError(`expected a label between the dots of "${text}"`);
  if (label.length > MAX_LABEL_OCTETS)
    throw new PresentationError(
      `expected labels of at most ${MAX_LABEL_OCTETS} octets; one of "${text}" has ${label.length}`,
    );
  return String.fromCharCode(label.length) + label;
}

/** The name with its final dot, as in a master file. */
export function printName(name: Name): string {
  if (name === ROOT) return ".";
  let text = "";
  for (let at = 0; name.charCodeAt(at) !== 0; at += 1 + name.charCodeAt(at)) {
    const label = name.slice(at + 1, at + 1 + name.charCodeAt(at));
    const isPlain = /^[\w-]*$/.test(label);
    text += isPlain ? `${label}.` : `${escapeOctets(label, /[."();@$\\]/g).replaceAll(" ", "\\032")}.`;
  }
  return text;
}

/** RFC 4343: only the letters of ASCII have a case. */
export function lowerName(name: Name): Name {
  if (!/[A-Z]/.test(name)) return name;
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) as Name;
}

/** The name without its first label; the root has no parent. */
export function parentOf(name: Name): Name {
  return name.slice(1 + name.charCodeAt(0)) as Name;
}

/** The name itself, its parent, and so on to the root. */
export function withAncestors(name: Name): Name[] {
  const names = [name];
  for (let at = name; at !== ROOT; ) {
    at = parentOf(at);
    names.push(at);
  }
  return names;
}

/** `name` is `ancestor` or lies below it; both in lower case. */
export function isWithin(name: Name, ancestor: Name): boolean {
  return withAncestors(name).includes(ancestor);
}
