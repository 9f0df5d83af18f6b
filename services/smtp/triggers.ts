import type { Fields, FieldValue } from "../../src/contract/machine.ts";
import type { Triggers } from "../../src/contract/service.ts";

type Consequence = NonNullable<ReturnType<Triggers["match"]>>;

/** When a trigger's word takes effect: at the address itself, or once the message has come. */
type Stage = "address" | "data" | "stored";

const TABLE: Triggers["table"] = [
  { trigger: "452@fault.test", effect: "RCPT (or MAIL, as the sender) is answered 452; any code from 200 to 599." },
  { trigger: "450-4.2.1@fault.test", effect: "The same with an enhanced code." },
  { trigger: "reset@fault.test", effect: "RST instead of the reply." },
  { trigger: "close@fault.test, drop@fault.test", effect: "FIN instead of the reply." },
  { trigger: "stall@fault.test", effect: "No reply to this, nor to anything after it." },
  { trigger: "silence@fault.test", effect: "No reply to this; what comes after it is answered." },
  {
    trigger: "delay-500@fault.test, delay-2s@fault.test",
    effect: "The reply comes so many milliseconds (or seconds) later.",
  },
  { trigger: "slow-100@fault.test", effect: "The reply comes at so many octets a second." },
  {
    trigger: "452-data@fault.test, reset-data@fault.test, delay-500-data@fault.test",
    effect: "Each of these after the message's final dot; it is not stored, unless the reply says so or is only late.",
  },
  {
    trigger: "reset-stored@fault.test",
    effect:
      "Each of these after the final dot, too late: the message is stored, and the client does not get to know (a duplicate follows).",
  },
  {
    trigger: "Subject: hello [fault 554-5.7.1]",
    effect: "Each of these after the final dot, for a message with this in its subject; [fault reset-stored] too.",
  },
];

/** Mail that provokes faults by its addresses or its subject. */
export const smtpTriggers: Triggers = {
  table: TABLE,
  match(request) {
    const { command } = request;
    if (command === "RCPT") return atAddress(request.to);
    if (command === "MAIL") return atAddress(request.from);
    return command === "MESSAGE" ? atMessage(request) : undefined;
  },
};

function atAddress(address: FieldValue): Consequence | undefined {
  const word = wordOf(address);
  if (word === undefined) return undefined;
  const { stage, what } = staged(word, "address");
  if (stage === "address") return consequenceOf(what);
  // Accepted, whoever is known: it is the message's turn.
  return consequenceOf(what) && { reply: { code: 250 } };
}

function atMessage({ from, to, subject }: Fields): Consequence | undefined {
  const recipients = Array.isArray(to) ? (to as readonly FieldValue[]) : [];
  for (const address of [from, ...recipients]) {
    const word = wordOf(address);
    const found = word === undefined ? undefined : staged(word, "address");
    if (found && found.stage !== "address") return atStage(found.stage, found.what);
  }
  const word = typeof subject === "string" ? /\[fault ([a-z0-9.-]+)\]/i.exec(subject)?.[1] : undefined;
  if (word === undefined) return undefined;
  const { stage, what } = staged(word.toLowerCase(), "data");
  return atStage(stage, what);
}

function atStage(stage: Stage, what: string): Consequence | undefined {
  const consequence = consequenceOf(what);
  return consequence?.fault !== undefined && stage === "stored"
    ? { ...consequence, when: { phase: "before-reply" } }
    : consequence;
}

/** What stands before `@fault.test`. */
function wordOf(address: FieldValue): string | undefined {
  return typeof address === "string" ? /^([a-z0-9.-]+)@fault\.test$/i.exec(address)?.[1]?.toLowerCase() : undefined;
}

function staged(word: string, otherwise: Stage): { readonly stage: Stage; readonly what: string } {
  const [, what = word, stage = otherwise] = /^(.+)-(data|stored)$/.exec(word) ?? [];
  return { stage: stage as Stage, what };
}

const FAULTS: { readonly [word: string]: string } = {
  reset: "reset",
  close: "close",
  drop: "close",
  stall: "stall",
  silence: "silence",
};

function consequenceOf(what: string): Consequence | undefined {
  const fault = Object.hasOwn(FAULTS, what) ? FAULTS[what] : undefined;
  if (fault !== undefined) return { fault };
  const [, code, enhanced] = /^([2-5]\d\d)(?:-([245]\.\d{1,3}\.\d{1,3}))?$/.exec(what) ?? [];
  if (code !== undefined)
    return { reply: enhanced === undefined ? { code: Number(code) } : { code: Number(code), enhanced } };
  const [, time, unit = "ms"] = /^delay-(\d{1,6})(ms|s)?$/.exec(what) ?? [];
  if (time !== undefined) return { fault: { delay: `${time}${unit}` } };
  const rate = Number(/^slow-(\d{1,8})$/.exec(what)?.[1] ?? 0);
  return rate > 0 ? { fault: { bandwidth: rate } } : undefined;
}
