import type { Fields } from "../../src/contract/machine.ts";
import type { Triggers } from "../../src/contract/service.ts";

type Consequence = NonNullable<ReturnType<Triggers["match"]>>;

/** The size of every file below `/fault`. */
const FILE_OCTETS = 65_536;
/** Where a transfer begins to fail. */
const AFTER = 1000;

const RECEIVING = ["STOR", "APPE", "STOU"];
const LISTING = ["LIST", "NLST", "MLSD"];
const SENDING = ["RETR", ...LISTING];
const ENTERING = ["CWD", "XCWD"];
/** What clients ask of a file before they fetch it. */
const QUESTIONS: { readonly [command: string]: string } = { SIZE: String(FILE_OCTETS), MDTM: "20260101000000" };

/** Codes of transfers that began; all others come in place of 150. */
const MIDWAY = ["426", "451", "452", "552"];

const data = { octets: FILE_OCTETS };
/** An upload that is taken and not kept. */
const LOST = { code: 226, done: false };

/** What a word in a path does to downloads and listings, and to uploads. */
const WORDS: { readonly [word: string]: { readonly sending: Consequence; readonly receiving: Consequence } } = {
  reset: {
    sending: { reply: { preliminary: 150, code: 426, data }, fault: { reset: { after: AFTER }, on: "data" } },
    receiving: {
      reply: { preliminary: 150, code: 426 },
      fault: { reset: { after: AFTER }, on: "data", direction: "in" },
    },
  },
  stall: {
    sending: { reply: { data, final: "never" }, fault: { stall: { after: AFTER }, on: "data" } },
    receiving: { reply: LOST, fault: { stopReading: true, on: "data" } },
  },
  slow: {
    sending: { reply: { data }, fault: { bandwidth: AFTER, on: "data" } },
    receiving: { reply: LOST, fault: { bandwidth: AFTER, on: "data", direction: "in" } },
  },
  short: { sending: { reply: { data, after: AFTER } }, receiving: { reply: LOST } },
  empty: { sending: { reply: { data: "" } }, receiving: { reply: LOST } },
  early: { sending: { reply: { data, final: "early" } }, receiving: { reply: { ...LOST, final: "early" } } },
  never: { sending: { reply: { data, final: "never" } }, receiving: { reply: { ...LOST, final: "never" } } },
  silence: { sending: { fault: "silence" }, receiving: { fault: "silence" } },
  close: { sending: { fault: "close" }, receiving: { fault: "close" } },
};

/** Replies to USER; the others come after the password. */
const TO_USER = ["230", "421", "430", "500", "501", "502"];

/** Names of files and of users that provoke faults. */
export const TRIGGERS: Triggers = {
  table: [
    {
      trigger: "/fault/<code>/x",
      effect:
        "The code is the reply to every command on that path, in place of 150: `550`, `450`, `425`, `421`, `553`. CWD to `/fault/<code>` itself is answered with 250; SIZE and MDTM with the size and date of a file, but for 5yz. Nothing is stored below `/fault`.",
    },
    {
      trigger: "/fault/426/x",
      effect: `And \`451\`, \`452\`, \`552\`: 150, ${AFTER} octets of data, and then the code; to an upload, as soon as its data connection is there.`,
    },
    { trigger: "/fault/reset/x", effect: `150, ${AFTER} octets of data, an RST on the data connection, and 426.` },
    {
      trigger: "/fault/stall/x",
      effect: `150, ${AFTER} octets of data, and nothing more; of an upload nothing is read.`,
    },
    { trigger: "/fault/slow/x", effect: `The data come at ${AFTER} octets a second.` },
    {
      trigger: "/fault/short/x",
      effect: `${AFTER} octets of the ${FILE_OCTETS} that SIZE and 150 tell, and 226; of an upload nothing is stored.`,
    },
    { trigger: "/fault/empty/x", effect: "No data, and 226." },
    { trigger: "/fault/early/x", effect: "226 comes before the data." },
    { trigger: "/fault/never/x", effect: "All data, and no 226." },
    { trigger: "/fault/silence/x", effect: "RETR, STOR and listings are not answered." },
    { trigger: "/fault/close/x", effect: "RETR, STOR and listings end the control connection." },
    {
      trigger: "USER <code>@fault.test",
      effect:
        "Also `USER fault-<code>`: the code is the reply to PASS: `530`, `332`, `331`, `534`; or to USER: `230`, `421`, `430`, `500`.",
    },
    { trigger: "USER reset@fault.test", effect: "Also `USER fault-reset`: PASS is answered by an RST." },
    { trigger: "USER silence@fault.test", effect: "Also `USER fault-silence`: PASS is not answered." },
  ],
  match: ({ command, path, user }: Fields) => {
    if (typeof command !== "string") return undefined;
    if (typeof path === "string" && path.startsWith("/fault")) return ofPath(command, path);
    return typeof user === "string" && (command === "USER" || command === "PASS") ? ofUser(command, user) : undefined;
  },
};

function ofPath(command: string, path: string): Consequence | undefined {
  const [, root, word = "", name] = path.split("/");
  if (root !== "fault") return undefined;
  const isCode = /^[2-5]\d\d$/.test(word);
  const known = isCode || Object.hasOwn(WORDS, word);
  if (ENTERING.includes(command) && name === undefined && (known || word === "")) return { reply: { code: 250 } };
  if (!known || (name === undefined && !LISTING.includes(command))) return undefined;
  const isMidway = MIDWAY.includes(word);
  const told = QUESTIONS[command];
  if (told !== undefined && (!isCode || isMidway || !word.startsWith("5"))) return { reply: { code: 213, text: told } };
  const isReceiving = RECEIVING.includes(command);
  const isTransfer = isReceiving || SENDING.includes(command);
  if (!isCode) return isTransfer ? WORDS[word]?.[isReceiving ? "receiving" : "sending"] : undefined;
  if (!isMidway || !isTransfer) return { reply: { code: Number(word) } };
  return { reply: { code: Number(word), ...(isReceiving ? { after: 0 } : { after: AFTER, data }) } };
}

function ofUser(command: string, user: string): Consequence | undefined {
  const [, atFault, withFault] = /^(?:([a-z0-9]+)@fault\.test|fault-([a-z0-9]+))$/.exec(user) ?? [];
  const word = atFault ?? withFault ?? "";
  if (word === "reset" || word === "silence") return command === "PASS" ? { fault: word } : undefined;
  if (!/^[2-5]\d\d$/.test(word)) return undefined;
  return TO_USER.includes(word) === (command === "USER") ? { reply: { code: Number(word) } } : undefined;
}
