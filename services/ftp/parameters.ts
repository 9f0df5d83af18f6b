import type { Command, Control } from "./control.ts";
import { factsIn } from "./facts.ts";
import type { Reply } from "./wire.ts";

/** Transfer parameter commands (RFC 959 section 4.1.2), OPTS (RFC 2389) and REST (RFC 3659 section 5). */

const UNSUPPORTED: Reply = { code: 504, text: "Command not implemented for that parameter." };

export function type(control: Control, command: Command): Reply {
  const [code = "", ...form] = command.argument.toUpperCase().trim().split(/ +/);
  const argument = [code, ...form].join(" ");
  // RFC 1123 section 4.1.2.2: T is the same as N where no printer knows better
  if (/^A( [NT])?$/.test(argument)) {
    control.type = "A";
    return { code: 200, text: "Type set to A." };
  }
  // RFC 1123 section 4.1.2.1: L 8 is I, where octets are octets
  if (argument === "I" || argument === "L 8") {
    control.type = "I";
    return { code: 200, text: `Type set to ${argument}.` };
  }
  return /^(A C|E( [NTC])?|L \d+)$/.test(argument) ? UNSUPPORTED : { code: 501, text: "Syntax: TYPE A|I|L 8" };
}

export function mode(_control: Control, command: Command): Reply {
  return choose(command, "S", /^[BC]$/, "Mode set to S.", "Syntax: MODE S");
}

export function structure(_control: Control, command: Command): Reply {
  return choose(command, "F", /^[RP]$/, "Structure set to F.", "Syntax: STRU F");
}

function choose(command: Command, only: string, known: RegExp, done: string, syntax: string): Reply {
  const argument = command.argument.trim().toUpperCase();
  if (argument === only) return { code: 200, text: done };
  return known.test(argument) ? UNSUPPORTED : { code: 501, text: syntax };
}

export function rest(control: Control, command: Command): Reply {
  const marker = /^ *(\d{1,15}) *$/.exec(command.argument)?.[1];
  if (marker === undefined) return { code: 501, text: "Syntax: REST octets" };
  control.restartAt = Number(marker);
  return { code: 350, text: `Restarting at ${control.restartAt}. Send STOR or RETR.` };
}

export function allo(_control: Control, command: Command): Reply {
  if (!/^ *\d+( R \d+)? *$/i.test(command.argument)) return { code: 501, text: "Syntax: ALLO octets [R octets]" };
  return { code: 202, text: "No storage allocation necessary." };
}

export function opts(control: Control, command: Command): Reply {
  const [, name = "", value = ""] = /^(\S+)(?: +(.*?))? *$/.exec(command.argument) ?? [];
  switch (name.toUpperCase()) {
    case "UTF8":
    case "UTF-8":
      return optsUtf8(control, value.toUpperCase());
    case "MLST": {
      control.facts = factsIn(value);
      const facts = control.facts.map((fact) => `${fact};`).join("");
      // RFC 3659 section 7.9: the reply names what is now in use, or nothing
      return { code: 200, text: facts === "" ? "MLST OPTS" : `MLST OPTS ${facts}` };
    }
    default:
      return { code: 501, text: "Option not understood." };
  }
}

function optsUtf8(control: Control, value: string): Reply {
  if (value !== "" && value !== "ON" && value !== "OFF") return { code: 501, text: "Syntax: OPTS UTF8 ON|OFF" };
  control.utf8 = value !== "OFF";
  return { code: 200, text: `UTF8 is ${control.utf8 ? "on" : "off"}.` };
}
