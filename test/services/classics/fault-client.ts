import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Entry, Harness } from "../../../src/index.ts";
import { TestSocket } from "../../session/tcp-fixture.ts";

type Rule = { readonly [key: string]: unknown };

/** What a client does, and how it tells what it got. */
export interface Client {
  /** What it says over TCP once it is connected. */
  readonly says: string;
  /** It half-closes behind that. */
  readonly halfCloses: boolean;
  /** Texts that are told in words: those that the service says by itself. */
  readonly words: readonly (readonly [text: string | RegExp, words: string | ((text: string) => string)])[];
}

/** Faults that leave a connection as it is, and nothing to wait for. */
const LASTING = new Set(["stall", "truncate", "stop-reading"]);

/** What a TCP client sees under a rule: `"hell", then ECONNRESET`. */
export async function seenOverTcp(harness: Harness, name: string, rule: Rule, client: Client): Promise<string> {
  const service = harness.service(name);
  service.stub(rule);
  const socket = await TestSocket.connect("127.0.0.1", service.port).catch((error: NodeJS.ErrnoException) => error);
  if (socket instanceof Error) return String(socket.code);
  const { localPort } = socket.socket;
  try {
    if (client.says) socket.socket.write(client.says);
    if (client.halfCloses) socket.socket.end();
    // Sessions of clients that have gone may still be ending.
    const where = ({ session }: Entry) => session.peer.port === localPort;
    const mine = (kind: "sent" | "end" | "note") => harness.journal.find({ kind, where });
    const used = await harness.journal.waitFor({ event: "rule", where });
    harness.clock.advance("5s");
    const how = await ending(harness, socket, client.halfCloses, where);
    const sent = mine("sent");
    const first = [...sent, ...mine("end"), ...mine("note")].filter(isOurs).toSorted((a, b) => a.seq - b.seq)[0];
    const lateMs = Math.max(0, (first?.time ?? 0) - used.time);
    const isSliced = sent.length > 3 && sent.slice(0, 4).every((entry) => octetsIn(entry) === 1);
    const [beginning, ...more] = [...parts(socket.text, client.words), how];
    const late = lateMs > 0 ? ` ${lateMs} ms late` : "";
    return [`${beginning}${late}${isSliced ? " octet by octet" : ""}`, ...more].join(", then ");
  } finally {
    socket.socket.destroy();
  }
}

/** The service, or a fault, has done something. */
function isOurs(entry: Entry): boolean {
  return (
    entry.kind === "sent" ||
    (entry.kind === "end" && entry.by === "service") ||
    (entry.kind === "note" && entry.event === "fault")
  );
}

function isLasting(entry: Entry): boolean {
  return entry.kind === "note" && LASTING.has(String(entry.detail.effect));
}

function octetsIn(entry: Entry): number {
  return entry.kind === "sent" ? entry.bytes.length : 0;
}

async function ending(
  harness: Harness,
  socket: TestSocket,
  hasEnded: boolean,
  where: (entry: Entry) => boolean,
): Promise<string> {
  const abort = new AbortController();
  const lasting = harness.journal.waitFor(
    { event: "fault", where: (entry) => isLasting(entry) && where(entry) },
    { signal: abort.signal },
  );
  lasting.catch(() => undefined);
  try {
    const first = await Promise.race([socket.ended(), lasting]);
    if (typeof first === "string") return first;
    if (hasEnded && first.detail.effect === "truncate") return await socket.ended();
    if (harness.journal.find({ kind: "end", where }).some(isOurs)) return await socket.ended();
    const sent = harness.journal.find({ kind: "sent", where }).reduce((sum, entry) => sum + octetsIn(entry), 0);
    await socket.until(() => socket.octets === sent);
    return "nothing";
  } finally {
    abort.abort();
  }
}

/** A text in the words of those who know the service. */
function parts(text: string, words: Client["words"]): string[] {
  if (text === "") return [];
  for (const [known, said] of words) {
    const at = typeof known === "string" ? text.indexOf(known) : text.search(known);
    if (at < 0) continue;
    const found = typeof known === "string" ? known : (known.exec(text)?.[0] ?? "");
    const spoken = typeof said === "string" ? said : said(found);
    return [...parts(text.slice(0, at), words), spoken, ...parts(text.slice(at + found.length), words)];
  }
  return [printed(text)];
}

function printed(text: string): string {
  if (text.length > 100) return `${text.length} octets`;
  if (/^[\r\n\t\x20-\x7e]*$/.test(text)) return JSON.stringify(text);
  return `octets ${Buffer.from(text, "latin1")
    .toString("hex")
    .replace(/..(?=.)/g, "$& ")}`;
}

const DATAGRAMS = ["one", "two", "three"];

/**
 * What a UDP client gets for three datagrams under a rule: `"one", "three"`. It waits for so many answers, and then for that
 * to one datagram more, without the rule: whatever else was sent is there by then.
 */
export async function seenOverUdp(
  harness: Harness,
  name: string,
  rule: Rule,
  client: Client,
  answers: number,
): Promise<string> {
  const { port } = harness.endpoint(name, { transport: "udp", host: "127.0.0.1" });
  const handle = harness.service(name).stub(rule);
  const socket = createSocket("udp4");
  const got: string[] = [];
  const until = async (count: number) => {
    while (got.length < count) await once(socket, "message");
  };
  socket.on("message", (bytes, from) => {
    const text = bytes.toString("latin1");
    const words = text === "" ? '""' : parts(text, client.words).join(", then ");
    got.push(from.port === port ? words : `${words} from another port`);
  });
  try {
    for (const datagram of DATAGRAMS) socket.send(datagram, port, "127.0.0.1");
    let exchanges = 0;
    await harness.journal.waitFor({
      kind: "exchange",
      where: () => {
        exchanges += 1;
        return exchanges === DATAGRAMS.length;
      },
    });
    harness.clock.advance("5s");
    await until(answers);
    handle.remove();
    if (name === "discard") return got.join(", ");
    socket.send("end", port, "127.0.0.1");
    await until(answers + 1);
    return got.slice(0, -1).join(", ") || "nothing";
  } finally {
    socket.close();
  }
}
