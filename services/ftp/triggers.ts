import type { Fields } from "../../src/contract/machine.ts";
import type { Triggers } from "../../src/contract/service.ts";

type Consequence = NonNullable<ReturnType<Triggers["match"]>>;

/** The size of every file below `/fault`. */
const FILE_OCTETS = 65_536;
/** What a word's number is, if it has none. */
const AMOUNT = 1000;
/** What a timer can hold, and more than anybody waits for. */
const HIGHEST_AMOUNT = 999_999_999;

const RECEIVING = ["STOR", "APPE", "STOU"];
const LISTING = ["LIST", "NLST", "MLSD"];
const SENDING = ["RETR", ...LISTING];
const ENTERING = ["CWD", "XCWD"];
/** What clients ask about a file before they fetch it. */
const QUESTIONS: { readonly [command: string]: string } = { SIZE: String(FILE_OCTETS), MDTM: "20260101000000" };

/** Codes of transfers that have begun; all others come in place of 150. */
const MIDWAY = ["426", "451", "452", "552"];

const data = { octets: FILE_OCTETS };
/** An upload that is taken and not kept. */
const LOST = { code: 226, done: false };

interface Word {
  /** Of downloads and listings. */
  sending(amount: number): Consequence;
  /** Of uploads. */
  receiving(amount: number): Consequence;
}
const alike = (consequence: (amount: number) => Consequence): Word => ({
  sending: consequence,
  receiving: consequence,
});

/** What the words in a path do, with the number behind them. */
const WORDS: { readonly [word: string]: Word } = {
  reset: {
    sending: (after) => ({ reply: { preliminary: 150, code: 426, data }, fault: { reset: { after }, on: "data" } }),
    receiving: (after) => ({
      reply: { preliminary: 150, code: 426 },
      fault: { reset: { after }, on: "data", direction: "in" },
    }),
  },
  stall: {
    sending: (after) => ({ reply: { data, final: "never" }, fault: { stall: { after }, on: "data" } }),
    receiving: () => ({ reply: LOST, fault: { stopReading: true, on: "data" } }),
  },
  slow: {
    sending: (bandwidth) => ({ reply: { data }, fault: { bandwidth: Math.max(1, bandwidth), on: "data" } }),
    receiving: (bandwidth) => ({
      reply: LOST,
      fault: { bandwidth: Math.max(1, bandwidth), on: "data", direction: "in" },
    }),
  },
  short: { sending: (after) => ({ reply: { data, after } }), receiving: () => ({ reply: LOST }) },
  empty: { sending: () => ({ reply: { data: "" } }), receiving: () => ({ reply: LOST }) },
  early: {
    sending: () => ({ reply: { data, final: "early" } }),
    receiving: () => ({ reply: { ...LOST, final: "early" } }),
  },
  never: {
    sending: () => ({ reply: { data, final: "never" } }),
    receiving: () => ({ reply: { ...LOST, final: "never" } }),
  },
  delay: {
    sending: (delay) => ({ reply: { data }, fault: { delay } }),
    receiving: (delay) => ({ reply: LOST, fault: { delay } }),
  },
  silence: alike(() => ({ fault: "silence" })),
  close: alike(() => ({ fault: "close" })),
};

/** Replies to USER; the others come after the password. */
const TO_USER = ["230", "421", "430", "500", "501", "502"];

/** Names of files and of users that provoke faults. */
export const TRIGGERS: Triggers = {
  table: [
    {
      trigger: "/fault/550/x",
      effect:
        "The code, whichever it is, is the reply to commands on that path, in place of 150. CWD to `/fault/550` itself is answered with 250. SIZE and MDTM tell of a file of 65,536 octets, but for 5yz.",
    },
    {
      trigger: "/fault/426-500/x",
      effect:
        "And `451`, `452`, `552`: 150, so many octets of data (1000 without a number), and then the code. To an upload it comes as soon as its data connection is there.",
    },
    { trigger: "/fault/reset-500/x", effect: "150, so many octets of data, an RST on the data connection, and 426." },
    { trigger: "/fault/stall-500/x", effect: "150, so many octets of data, and nothing more. An upload is not read." },
    { trigger: "/fault/slow-500/x", effect: "So many octets of data a second." },
    { trigger: "/fault/short-500/x", effect: "So many octets of the 65,536 that SIZE and 150 tell, and 226." },
    { trigger: "/fault/empty/x", effect: "No data, and 226." },
    { trigger: "/fault/early/x", effect: "226 comes before the data." },
    { trigger: "/fault/never/x", effect: "All data, and no 226." },
    { trigger: "/fault/delay-500/x", effect: "150 comes so many milliseconds late." },
    { trigger: "/fault/silence/x", effect: "Transfers and listings are not answered." },
    { trigger: "/fault/close/x", effect: "Transfers and listings end the control connection." },
    {
      trigger: "USER 530@fault.test",
      effect:
        "And `USER fault-530`: the code is the reply to PASS, such as `530`, `331`, `332` or `534`; of `230`, `421`, `430`, `500`, `501` and `502`, to USER.",
    },
    { trigger: "USER reset@fault.test", effect: "And `USER fault-reset`: RST in place of the reply to PASS." },
    { trigger: "USER silence@fault.test", effect: "And `USER fault-silence`: PASS is not answered." },
  ],
  match: ({ command, path, user }: Fields) => {
    if (typeof command !== "string") return undefined;
    if (typeof path === "string" && path.startsWith("/fault/")) return ofPath(command, path);
    if (path === "/fault") return ENTERING.includes(command) ? { reply: { code: 250 } } : undefined;
    return typeof user === "string" && (command === "USER" || command === "PASS") ? ofUser(command, user) : undefined;
  },
};

function ofPath(command: string, path: string): Consequence | undefined {
  const [, , written = "", name] = path.split("/");
  const [, word = "", number] = /^([a-z]+|[2-5]\d\d)(?:-(\d+))?$/.exec(written) ?? [];
  const amount = number === undefined ? AMOUNT : Math.min(Number(number), HIGHEST_AMOUNT);
  const known = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  const code = known ? undefined : Number(word);
  if (!known && !code) return undefined;
  if (name === undefined && ENTERING.includes(command)) return { reply: { code: 250 } };
  if (name === undefined && !LISTING.includes(command)) return undefined;
  const isMidway = MIDWAY.includes(word);
  const told = QUESTIONS[command];
  if (told !== undefined && (isMidway || !word.startsWith("5"))) return { reply: { code: 213, text: told } };
  const isReceiving = RECEIVING.includes(command);
  const isTransfer = isReceiving || SENDING.includes(command);
  if (known) return isTransfer ? known[isReceiving ? "receiving" : "sending"](amount) : undefined;
  if (!isMidway || !isTransfer) return { reply: { code } };
  return { reply: { code, ...(isReceiving ? { after: 0 } : { after: amount, data }) } };
}

function ofUser(command: string, user: string): Consequence | undefined {
  const [, atFault, withFault] = /^(?:([a-z0-9]+)@fault\.test|fault-([a-z0-9]+))$/i.exec(user) ?? [];
  const word = (atFault ?? withFault ?? "").toLowerCase();
  if (word === "reset" || word === "silence") return command === "PASS" ? { fault: word } : undefined;
  if (!/^[2-5]\d\d$/.test(word)) return undefined;
  return TO_USER.includes(word) === (command === "USER") ? { reply: { code: Number(word) } } : undefined;
}
