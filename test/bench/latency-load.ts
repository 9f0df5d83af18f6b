/**
 * A client of an echo service that is asked to be late: sends one octet, waits for it, and begins again. Prints by how much
 * the median round trip misses what was asked, in milliseconds.
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";

const [transport, port, askedMs, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
  number,
];
const misses: number[] = [];
const until = performance.now() + seconds * 1000;
let sentAt = 0;

function next(send: () => void, close: () => void): void {
  const now = performance.now();
  if (sentAt > 0) misses.push(Math.abs(now - sentAt - askedMs));
  if (now < until) {
    sentAt = performance.now();
    send();
    return;
  }
  misses.sort((a, b) => a - b);
  process.stdout.write(`${misses[misses.length >> 1]}\n`);
  close();
}

if (transport === "tcp") {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const go = () =>
    next(
      () => socket.write("x"),
      () => socket.destroy(),
    );
  socket.on("connect", go);
  socket.on("data", go);
} else {
  const socket = createSocket("udp4");
  const go = () =>
    next(
      () => socket.send("x", port, "127.0.0.1"),
      () => socket.close(),
    );
  socket.on("message", go);
  go();
}
