import { type ClientTls, connectTcp, connectUdp, type WireClient } from "../transport/client.ts";
import { type DialogueClient, Inbox } from "./client.ts";

/** How long an answer over a real socket may take. */
const ANSWER_MS = 3000;

/** A dialogue's client over a real socket. */
export async function socketClient(
  host: string,
  port: number,
  transport: "tcp" | "udp",
  tls?: ClientTls,
): Promise<DialogueClient> {
  const inbox = new Inbox(async (changed) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ANSWER_MS);
    });
    const came = await Promise.race([changed().then(() => true), late]);
    clearTimeout(timer);
    return came;
  });
  const events = {
    data: (bytes: Uint8Array) => inbox.add(bytes),
    end: () => inbox.end("end"),
    failed: () => inbox.end("reset"),
  };
  const wire: WireClient =
    transport === "udp" ? await connectUdp(host, port, events) : await connectTcp(host, port, events, tls);
  return {
    inbox,
    settle: () => Promise.resolve(), // silence on a network proves nothing
    advance: () => undefined,
    send: (bytes) => wire.send(bytes),
    end: () => wire.end(),
    close: () => wire.destroy(),
    connect: (dataPort) => socketClient(host, dataPort, "tcp"),
  };
}
