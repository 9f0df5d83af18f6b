import { unframe } from "../../../services/dns/frames.ts";
import { decode } from "../../../services/dns/message.ts";
import { TYPE } from "../../../services/dns/types.ts";
import { toLatin1 } from "../../../src/wire/bytes.ts";
import { type Conversation, converse, UdpClient } from "./clients.ts";
import { soas, summary } from "./summary.ts";

const TRANSFERS: readonly number[] = [TYPE.AXFR, TYPE.IXFR];

export type Transport = "udp" | "tcp";

/** A server on 127.0.0.1, and its answer to the query that ends a conversation. */
export interface Server {
  readonly port: number;
  readonly last: Uint8Array;
}

/** What one query brings, in the words of the fault table; `isEnding` if the connection will end. */
export async function ask(
  { port, last }: Server,
  octets: Uint8Array,
  transport: Transport,
  isEnding = false,
): Promise<string> {
  if (transport === "tcp") return told(await converse(port, [octets], isEnding ? {} : { last }), octets);
  await using client = new UdpClient(port);
  const answers = await client.ask(octets);
  return answers.length === 0 ? "no answer" : answers.map(({ bytes }) => summary(bytes, octets)).join("; ");
}

/** A conversation over TCP in the words of the fault table. */
export function told({ octets, ending }: Conversation, asked: Uint8Array): string {
  const messages = unframe(octets);
  const isWhole = messages.reduce((sum, message) => sum + 2 + message.length, 0) === octets.length;
  if (ending && !(isWhole && messages.length > 0)) return `${ending} after ${octets.length} octets`;
  if (octets.length === 0) return "no answer";
  if (!isWhole) {
    const length = ((octets[0] ?? 0) << 8) | (octets[1] ?? 0);
    const isMessage = decode(octets.subarray(2))?.message.response;
    return isMessage ? `the length ${length} before ${octets.length - 2} octets` : JSON.stringify(toLatin1(octets));
  }
  const isTransfer = TRANSFERS.includes(decode(asked)?.message.questions[0]?.type ?? 0);
  const summaries = messages.map((message) => (isTransfer ? soas(message) : summary(message, asked)));
  return `${summaries.join("; ")}${ending ? `, then ${ending}` : ""}`;
}
