/** A load for echo services: 16 connections, each sends 64 octets when the last 64 have come back. Prints round trips a second. */
import { connect } from "node:net";

const [port, seconds] = process.argv.slice(2).map(Number) as [number, number];
const CONNECTIONS = 16;
const OCTETS = 64;
const message = Buffer.alloc(OCTETS, "x");
let roundTrips = 0;
const sockets = Array.from({ length: CONNECTIONS }, () => {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let here = 0;
  socket.on("connect", () => socket.write(message));
  socket.on("data", (bytes) => {
    here += bytes.length;
    for (; here >= OCTETS; here -= OCTETS) {
      roundTrips += 1;
      socket.write(message);
    }
  });
  return socket;
});
const started = performance.now();
setTimeout(() => {
  process.stdout.write(`${(roundTrips / (performance.now() - started)) * 1000}\n`);
  for (const socket of sockets) socket.destroy();
}, seconds * 1000);
