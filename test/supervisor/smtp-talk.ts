import { once } from "node:events";
import { connect } from "node:net";
import type { Harness } from "../../src/index.ts";
import { visit } from "../hostile/visitor.ts";

/** Speaks SMTP: each line after the reply to the one before. Returns the reply codes, and how it ended: `220 250 221 FIN`. */
export async function talkTo(harness: Harness, ...lines: string[]): Promise<string> {
  const visitor = await visit(harness, "smtp");
  const rest = [...lines];
  let read = 0;
  visitor.socket.on("data", () => {
    for (const found of visitor.text.slice(read).matchAll(/^\d{3} .*\r\n/gm)) {
      read += (found.index ?? 0) + found[0].length;
      const line = rest.shift();
      if (line !== undefined) visitor.socket.write(`${line}\r\n`);
    }
  });
  const end = await visitor.over;
  visitor.socket.destroy();
  return [...[...visitor.text.matchAll(/^(\d{3}) /gm)].map(([, code]) => code), end].join(" ");
}

/** What becomes of a plain connection to a port: `connected`, or the code of its error. */
export async function dial(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return "connected";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "failed";
  } finally {
    socket.destroy();
  }
}
