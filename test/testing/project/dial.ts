import { connect, type Socket } from "node:net";

/** Connects, sends lines, and resolves to the socket when the last reply has come. */
export async function say({ host, port }: { host: string; port: number }, ...lines: string[]): Promise<Socket> {
  const socket = connect({ host, port });
  // Whoever leaves the harness's end open must not fail when the harness is gone.
  socket.on("error", () => undefined);
  let awaited = lines.length + 1;
  await new Promise<void>((resolve, reject) => {
    socket.once("close", () => reject(new Error("closed")));
    socket.on("data", (octets) => {
      for (const line of octets.toString("latin1").split("\r\n")) if (/^\d{3} /.test(line)) awaited -= 1;
      if (awaited === 0) return resolve();
      const next = lines.shift();
      if (next !== undefined) socket.write(`${next}\r\n`);
    });
  });
  return socket;
}

/** The lines of a message. */
export function mail(to: string, subject: string): string[] {
  return ["HELO client", "MAIL FROM:<a@b.test>", `RCPT TO:<${to}>`, "DATA", `Subject: ${subject}\r\n\r\nhello\r\n.`];
}
