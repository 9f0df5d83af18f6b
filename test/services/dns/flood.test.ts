import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { decode } from "../../../services/dns/message.ts";
import { start } from "../../../src/index.ts";
import { query } from "./world.ts";

const SOURCES = 10_000;
/** Sockets that are open at a time. */
const AT_ONCE = 200;
const DEADLINE_MS = 10_000;
/** What may stay behind of 10,000 peers: far less than a KiB of each. */
const MAX_GROWTH = 16 * 1024 * 1024;
/** Of a journal that would keep them all. */
const MAX_ENTRIES = 1000;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const heapOctets = () => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** 127.1.0.0 and those that follow. */
const sourceOf = (at: number) => `127.${1 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;

/** The rcode that a query from an address of its own brings. */
async function askFrom(address: string, port: number, at: number): Promise<number> {
  const socket = createSocket("udp4");
  try {
    socket.bind(0, address);
    await once(socket, "listening");
    const answer = once(socket, "message", { signal: AbortSignal.timeout(DEADLINE_MS) });
    socket.send(query(`n${at}.wild.example.test A id=${at & 0xffff}`), port, "127.0.0.1");
    const [octets] = (await answer) as [Buffer];
    const message = decode(octets)?.message;
    if (message?.id !== (at & 0xffff)) throw new Error(`${address} got another's answer`);
    return message.rcode;
  } finally {
    socket.close();
  }
}

/** The rcodes that come to so many sources, and how often. */
async function flood(port: number, from: number, sources: number): Promise<ReadonlyMap<number, number>> {
  const rcodes = new Map<number, number>();
  for (let at = from; at < from + sources; at += AT_ONCE) {
    const addresses = Array.from({ length: Math.min(AT_ONCE, from + sources - at) }, (_, n) => at + n);
    for (const rcode of await Promise.all(addresses.map((n) => askFrom(sourceOf(n), port, n))))
      rcodes.set(rcode, (rcodes.get(rcode) ?? 0) + 1);
  }
  return rcodes;
}

it.each<[how: string, rules: readonly object[], rcodes: readonly (readonly [rcode: number, count: number])[]]>([
  ["without rules", [], [[0, SOURCES]]],
  [
    // 127.1.0.0 to 127.1.3.255 are 1024 addresses.
    "with a rule for some of them",
    [{ when: { peer: "127.1.0.0/22" }, reply: "REFUSED" }],
    [
      [0, SOURCES - 1024],
      [5, 1024],
    ],
  ],
  [
    "with rules that keep answers waiting",
    [{ when: { peer: "127.1.0.0/16" }, fault: { delay: "5ms" } }],
    [[0, SOURCES]],
  ],
])(
  "answers ten thousand addresses, %s, and keeps little of them",
  async (_, rules, rcodes) => {
    await using harness = await start({
      services: ["dns"],
      host: "127.0.0.1",
      limits: { maxEntries: MAX_ENTRIES },
    });
    for (const rule of rules) harness.dns.stub(rule as Parameters<typeof harness.dns.stub>[0]);
    const { port } = harness.dns;
    // What is made once is made by then; these come from elsewhere.
    await flood(port, 200_000, 1000);
    const before = heapOctets();
    expect(new Map([...(await flood(port, 0, SOURCES))].sort())).toEqual(new Map(rcodes));
    expect(heapOctets() - before).toBeLessThan(MAX_GROWTH);
    expect(harness.sessions).toEqual([]);
    expect(harness.journal.find({ event: "crash" })).toEqual([]);
    expect(harness.journal.exchanges("dns").length).toBeLessThanOrEqual(MAX_ENTRIES);
  },
  120_000,
);
