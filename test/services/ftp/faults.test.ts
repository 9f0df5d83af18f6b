import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { FAULTS } from "../../../services/ftp/faults.ts";
import type { FaultCase } from "../../../src/contract/service.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { type Reply, readReplies, Watched } from "./fault-client.ts";

let harness: RunningHarness<readonly ["ftp"]>;
const open: Watched[] = [];

beforeAll(async () => {
  harness = await start({ services: ["ftp"] });
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.destroy();
  harness.reset();
});
afterAll(() => harness.stop({ graceMs: 0 }));

/** Commands and what they are said with. */
const ARGUMENTS: { readonly [command: string]: string } = {
  USER: "alice",
  PASS: "wonderland",
  RETR: "/pub/hello.txt",
  STOR: "/stored",
  APPE: "/stored",
  OPTS: "UTF8 ON",
  TYPE: "A",
  AUTH: "TLS",
  PBSZ: "0",
  PROT: "P",
  PORT: "127,0,0,1,4,1",
  EPRT: "|1|127.0.0.1|1025|",
  SIZE: "/pub/hello.txt",
  MDTM: "/pub/hello.txt",
  RNTO: "/renamed",
  MKD: "/pub",
  RMD: "/pub",
  DELE: "/pub/hello.txt",
  REST: "10",
};
const TRANSFERS = ["RETR", "STOR", "APPE", "LIST", "NLST", "MLSD", "REST", "ABOR"];
const UPLOAD = Buffer.alloc(64 * 1024, "upload ");
/** More than the systems at both ends hold. */
const UNREAD_OCTETS = 32 * 1024 * 1024;

interface Provoked {
  readonly control: Watched;
  readonly data: Watched | undefined;
  /** How many replies came before the command of the rule. */
  readonly before: number;
  /** What is said last, to see that everything has come. */
  readonly sync: string;
}

function dial(port: number, options: { readonly paused?: boolean } = {}): Watched {
  const watched = new Watched(port, options);
  open.push(watched);
  return watched;
}

/** Goes through a session up to the command of the rule, and says that one. */
async function provoke({ rule, seen }: FaultCase): Promise<Provoked> {
  const { command } = (rule.when ?? {}) as { command?: string };
  const control = dial(harness.ftp.port);
  // CLNT waits for the end of a transfer, NOOP does not.
  const isEndless = command === "ABOR" || seen === "150; open";
  const sync = isEndless ? "NOOP" : "CLNT sync";
  if (command === undefined) {
    await control.connected();
    return { control, data: undefined, before: 0, sync };
  }
  let before = 1;
  const ask = async (line: string) => {
    control.say(line);
    before += 1;
    return (await control.replies(before)).at(-1)?.text ?? "";
  };
  await control.replies(1);
  if (command !== "USER") await ask("USER alice");
  if (command !== "USER" && command !== "PASS") {
    await ask("PASS wonderland");
    if (command !== "TYPE") await ask("TYPE I");
  }
  let data: Watched | undefined;
  if (TRANSFERS.includes(command)) {
    const reply = await ask("EPSV");
    data = dial(Number(/\|(\d+)\|/.exec(reply)?.[1]), { paused: command === "ABOR" });
    await data.connected();
  }
  if (command === "ABOR") {
    harness.ftp.stub({ when: { command: "RETR" }, reply: { data: { octets: 1e9 } } });
    control.say("RETR /pub/endless");
    await control.replies(before + 1);
  }
  control.say(`${command} ${ARGUMENTS[command] ?? ""}`.trim());
  if (command === "REST") control.say("RETR /pub/hello.txt");
  if (command === "STOR") data?.socket.end(isEndless ? Buffer.alloc(UNREAD_OCTETS) : UPLOAD);
  if (command === "EPSV" && seen.includes(";")) {
    const reply = (await control.replies(before + 1)).at(-1)?.text ?? "";
    data = dial(Number(/\|(\d+)\|/.exec(reply)?.[1]));
    await data.connected();
    if (seen.endsWith("open")) control.say("RETR /pub/hello.txt");
  }
  return { control, data: command === "ABOR" ? undefined : data, before, sync };
}

/** Waits for everything that is to be seen. */
async function settle({ control, data, sync }: Provoked, { rule, seen }: FaultCase): Promise<void> {
  const [onControl = "", onData = ""] = seen.split("; ");
  if (isStuck(rule)) await harness.journal.waitFor({ event: "rule" });
  else if (/(FIN|RST|ECONNREFUSED)$/.test(onControl)) await control.ended();
  else {
    control.say(sync);
    await control.until(`the reply to ${sync}`, () => /(Noted|NOOP ok)\.\r?\n$/.test(control.text));
  }
  if (data && !onData.endsWith("open")) await data.ended();
  const came = data ?? control;
  const session = control.socket.localPort;
  await came.until("all that was sent", () => came.end !== undefined || came.octets.length >= sent(session, !!data));
}

/** Nothing comes any more on the control connection, and no end. */
function isStuck({ when, fault }: FaultCase["rule"]): boolean {
  const isAccepted = (when as { phase?: string } | undefined)?.phase === "connect";
  return (
    (isAccepted && fault === "silence") ||
    (typeof fault === "object" && JSON.stringify(fault).startsWith('{"stall":{"after":5'))
  );
}

/** How many octets a session has sent to the client with this port, over its data connection or the other one. */
function sent(port: number | undefined, isData: boolean): number {
  const entries = harness.journal.find({ kind: "sent", where: ({ session }) => session.peer.port === port });
  const pieces = entries.filter(({ channel }) => (channel !== undefined) === isData);
  return pieces.reduce((octets, { bytes }) => octets + bytes.length, 0);
}

/** What was seen, in the words of the table. */
function told({ control, data, before }: Provoked, { rule, seen }: FaultCase): string {
  const wanted = seen.match(/"(?:[^"\\]|\\.)*"|[^",;]+(?=, |; |$)/g) ?? [];
  const replies = readReplies(control.text).slice(before);
  const isSynced = !control.end && /Noted|NOOP/.test(replies.at(-1)?.text ?? "") && !isStuck(rule);
  const facts = (isSynced ? replies.slice(0, -1) : replies).map((reply, at) => fact(reply, wanted[at]?.trim() ?? ""));
  if (control.end) facts.push(control.end);
  if (facts.length === 0) facts.push("nothing");
  if (!data) return facts.join(", ");
  const { listing } = (rule.reply ?? {}) as { listing?: unknown };
  const moved = listing !== undefined && data.text === listed(listing) ? "the listing" : `${data.octets.length} octets`;
  const onData = [moved, data.end ?? "open"].filter((one) => one !== "0 octets");
  return `${facts.join(", ")}; ${onData.join(", ")}`;
}

function fact({ code, text, hasBareLf }: Reply, wanted: string): string {
  if (wanted.startsWith('"')) {
    // The data connection's port, as 227 and 229 have it.
    const shown = wanted.includes("{port}") ? text.replace(/\d+,\d+(?=\)?\.?$)|(?<=!!!)\d+(?=!)/, "{port}") : text;
    return JSON.stringify(shown);
  }
  const size = text.length > 1000 ? ` of ${text.length + 2} octets` : "";
  return `${code || text}${size}${hasBareLf ? " with LF" : ""}`;
}

/** A listing as it is sent. */
function listed(listing: unknown): string {
  if (listing instanceof Uint8Array) return Buffer.from(listing).toString("latin1");
  return [listing]
    .flat()
    .filter((line, _, all) => line !== "" || all.length > 1)
    .map((line) => `${line}\r\n`)
    .join("");
}

/** What else is to be seen, by the name of the case. */
const MORE: { readonly [name: string]: (provoked: Provoked) => void } = {
  "A greeting octet by octet": ({ control }) => expect(control.pieces.length).toBeGreaterThan(4),
  "A reply octet by octet": ({ control }) => expect(control.pieces.length).toBeGreaterThan(8),
  "An upload is not read": ({ data }) => expect(data?.socket.writableLength).toBeGreaterThan(0),
  "Storage is full after so many octets: 552": () => expect(stored()).toBeUndefined(),
  "Storage is full, said after everything": () => expect(stored()).toBeUndefined(),
  "A local error, and nothing is stored": () => expect(stored()).toBeUndefined(),
  "A local error, and all is stored": () => expect(stored()).toBe(UPLOAD.length),
  "226, and nothing is stored": () => expect(stored()).toBeUndefined(),
  "226, and only the beginning is stored": () => expect(stored()).toBe(4096),
  "226 before the upload is read": () => expect(stored()).toBe(UPLOAD.length),
  "226 never comes for an upload": () => expect(stored()).toBe(UPLOAD.length),
  "DELE that says 250 and deletes nothing": () => expect(harness.world.tree.stat("/pub/hello.txt")).toBeDefined(),
  "A bit is turned over": ({ data }) => expect(data?.text).toBe("hello from example.test.\n"),
  "Other octets": ({ data }) => expect(data?.text).toBe("other"),
};

const stored = () => harness.world.tree.stat("/stored")?.octets;

it.each(FAULTS)("$name", async (fault) => {
  const rule = harness.ftp.stub(fault.rule as Parameters<typeof harness.ftp.stub>[0]);
  const provoked = await provoke(fault);
  await settle(provoked, fault);
  expect(told(provoked, fault)).toBe(fault.seen);
  MORE[fault.name]?.(provoked);
  if (fault.rule.fault !== "refuse") expect(rule.count).toBe(1);
  rule.remove();
  await harness.ftp.ready();
});

it("names each once", () => {
  const names = FAULTS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect(Object.keys(MORE).filter((name) => !names.includes(name))).toEqual([]);
});
