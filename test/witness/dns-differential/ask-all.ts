import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { concat } from "../../../src/wire/bytes.ts";
import { type Asked, octetsOf } from "./questions.ts";

const DEADLINE_MS = 15_000;
/** So many queries are under way at a time: no server's buffer overflows. */
const AT_ONCE = 64;

function idOf(octets: Uint8Array): number {
  return ((octets[0] ?? 0) << 8) | (octets[1] ?? 0);
}

/** What a server at 127.0.0.1 answers to each question, by its id. Rejects if answers are missing. */
export async function askAll(port: number, asked: readonly Asked[]): Promise<Map<number, Uint8Array>> {
  const of = (transport: Asked["transport"]) => asked.filter((one) => one.transport === transport).map(octetsOf);
  const [udp, tcp] = await Promise.all([overUdp(port, of("udp")), overTcp(port, of("tcp"))]);
  return new Map([...udp, ...tcp]);
}

function overUdp(port: number, queries: readonly Uint8Array[]): Promise<Map<number, Uint8Array>> {
  const answers = new Map<number, Uint8Array>();
  const socket = createSocket("udp4");
  return collected(`UDP port ${port}`, queries, answers, (done, send) => {
    let next = 0;
    const more = () => {
      for (; next < queries.length && next - answers.size < AT_ONCE; next += 1)
        socket.send(queries[next] as Uint8Array, port, "127.0.0.1");
    };
    socket.on("message", (octets) => {
      answers.set(idOf(octets), octets);
      if (answers.size === queries.length) done();
      else more();
    });
    send(more);
  }).finally(() => socket.close());
}

function overTcp(port: number, queries: readonly Uint8Array[]): Promise<Map<number, Uint8Array>> {
  const answers = new Map<number, Uint8Array>();
  const socket = connect(port, "127.0.0.1");
  return collected(`TCP port ${port}`, queries, answers, (done, send, fail) => {
    let next = 0;
    let left: Uint8Array = new Uint8Array(0);
    const more = () => {
      const now = queries.slice(next, next + AT_ONCE);
      next += now.length;
      socket.write(concat(now.map((query) => frame(query))));
    };
    socket.on("data", (octets) => {
      left = concat([left, octets]);
      const messages = unframe(left);
      left = left.subarray(messages.reduce((all, message) => all + message.length + 2, 0));
      for (const message of messages) answers.set(idOf(message), message);
      if (answers.size === queries.length) done();
      else if (answers.size === next) more();
    });
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("it closed the connection")));
    send(more);
  }).finally(() => socket.destroy());
}

function collected(
  where: string,
  queries: readonly Uint8Array[],
  answers: Map<number, Uint8Array>,
  run: (done: () => void, send: (first: () => void) => void, fail: (error: Error) => void) => void,
): Promise<Map<number, Uint8Array>> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const missing = queries.map(idOf).filter((id) => !answers.has(id));
      reject(new Error(`${where}: ${error.message}; ${missing.length} answers are missing, of ${missing.slice(0, 5)}`));
    };
    const deadline = setTimeout(() => fail(new Error(`no more came within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    const done = () => {
      clearTimeout(deadline);
      resolve(answers);
    };
    run(done, (first) => (queries.length === 0 ? done() : first()), fail);
  });
}
