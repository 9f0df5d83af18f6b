/** The least that a dgram socket can do for a resolver: one fixed answer, under the id that was asked. */
import { createSocket } from "node:dgram";

// www.example.test A, answered with an alias and an address (RFC 1035 section 4.1), as the real service would.
const ANSWER = Buffer.from(
  "000085000001000200000000" +
    "03777777076578616d706c6504746573740000010001" +
    "c00c0005000100000e100006037765 62c010".replace(" ", "") +
    "c02e0001000100000e1000047f000001",
  "hex",
);
const socket = createSocket("udp4");
socket.on("message", (query, peer) => {
  const answer = Buffer.from(ANSWER);
  answer[0] = query[0] ?? 0;
  answer[1] = query[1] ?? 0;
  socket.send(answer, peer.port, peer.address);
});
socket.bind(0, "127.0.0.1", () => process.stdout.write(`${socket.address().port}\n`));
