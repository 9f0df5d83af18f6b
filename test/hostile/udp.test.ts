import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Entry, type Harness, start } from "../../src/index.ts";
import { seededRandom } from "../../src/world/random.ts";
import { clientParts } from "../fuzz/inputs.ts";
import { OVER_UDP, serves, serviceOf } from "./visitor.ts";

/** RFC 768: what a datagram can hold over IPv4. */
const LARGEST = 65_507;

let harness: Harness;
let peer: Socket;

beforeAll(async () => {
  harness = await start({ host: "127.0.0.1" });
});
beforeEach(async () => {
  harness.reset();
  peer = createSocket("udp4");
  peer.bind(0, "127.0.0.1");
  await once(peer, "listening");
});
afterEach(() => {
  peer.close();
  expect(harness.journal.find({ event: "crash" })).toEqual([]);
});
afterAll(() => harness.stop());

function garbage(octets: number, seed = octets): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length: octets }, () => Math.floor(random() * 256)));
}

const DATAGRAMS: readonly (readonly [string, Buffer])[] = [
  ["an empty datagram", Buffer.alloc(0)],
  ["one octet", Buffer.alloc(1)],
  ["65,507 octets of NUL", Buffer.alloc(LARGEST)],
  ["65,507 octets of garbage", garbage(LARGEST)],
  ["65,507 octets of 0xff", Buffer.alloc(LARGEST, 0xff)],
  ["a line of another protocol", Buffer.from("EHLO client\r\n")],
];

const send = (name: string, octets: Buffer) => {
  const { host, port } = harness.endpoint(name, { transport: "udp", host: "127.0.0.1" });
  return new Promise<void>((resolve, reject) => {
    peer.send(octets, port, host, (error) => (error ? reject(error) : resolve()));
  });
};

const fromPeer = ({ session }: Entry) => session.peer.port === peer.address().port;
/** The journal's records of what this peer sent. */
const recorded = () => harness.journal.find({ kind: "exchange", where: fromPeer });

describe.each(OVER_UDP)("%s, when there comes", (name) => {
  it.each(DATAGRAMS)("%s, records it, and serves the next", async (_, octets) => {
    await send(name, octets);
    await serves(harness, name, "udp");
    await harness.journal.waitFor({ service: name, where: fromPeer });
    expect(recorded()).toHaveLength(1);
    // Whoever reads it can.
    for (const entry of recorded()) expect(entry).toHaveProperty("request");
  });

  it("a hundred datagrams of garbage, records and survives them", async () => {
    for (let round = 1; round <= 100; round += 1) {
      await send(name, garbage(round * 5, round));
      // Datagrams may be lost when they come too fast: one after the other.
      await harness.journal.waitFor({ where: (entry) => fromPeer(entry) && recorded().length === round });
    }
    expect(recorded().length).toBe(100);
    await serves(harness, name, "udp");
  });

  it("what its clients say, cut off at any point", async () => {
    const whole = clientParts(serviceOf(name), "udp").flat().at(0) ?? Buffer.from("hello\r\n");
    for (let length = 0; length < Math.min(whole.length, 64); length += 1)
      await send(name, Buffer.from(whole.slice(0, length)));
    await serves(harness, name, "udp");
  });
});
