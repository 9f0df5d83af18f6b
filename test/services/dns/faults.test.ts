import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FAULTS } from "../../../services/dns/faults.ts";
import { unframe } from "../../../services/dns/frames.ts";
import { decode } from "../../../services/dns/message.ts";
import { printRdata } from "../../../services/dns/rdata.ts";
import type { FaultCase } from "../../../src/contract/service.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { converse, lastAnswer, UdpClient } from "./clients.ts";
import { ask, type Transport, told } from "./observe.ts";
import { summary } from "./summary.ts";
import { query } from "./world.ts";

interface When {
  readonly name?: string;
  readonly type?: string;
  readonly transport?: Transport;
}

let harness: RunningHarness<readonly ["dns"]>;
let port: number;
let last: Uint8Array;

beforeAll(async () => {
  harness = await start({ services: ["dns"], host: "127.0.0.1" });
  ({ port } = harness.dns);
  last = await lastAnswer(port);
});
beforeEach(async () => {
  await harness.reset();
  await harness.dns.ready();
});
afterAll(() => harness.stop());

/** A query with everything that an answer can have to do with: EDNS, DO, CD, a cookie, a subnet, an unknown option. */
const EVERYTHING = "cd=1 +edns=1232 +do +option=10:0102030405060708 +option=8:00011800c00002 +option=65001:aa";

function queryFor(fault: FaultCase, type = whenOf(fault).type ?? "A", id = 7): Uint8Array {
  const { name = "web.example.test" } = whenOf(fault);
  const more = /"edns"/.test(JSON.stringify(fault.rule)) ? EVERYTHING : "cd=1";
  return query(`${name.replace("*", "x")} ${type} id=${id} ${more}`);
}

function make({ rule }: FaultCase) {
  return harness.dns.stub(rule as Parameters<typeof harness.dns.stub>[0]);
}

const whenOf = ({ rule }: FaultCase): When => (rule.when ?? {}) as When;

/** As many queries as the table tells of, one after the other. */
async function askAll(fault: FaultCase, transport: Transport): Promise<string> {
  const seen: string[] = [];
  const isFamilies = fault.seen.includes(" to AAAA");
  for (const part of fault.seen.split("; ")) {
    const isOther = part.endsWith(" to AAAA");
    const octets = queryFor(fault, isOther ? "AAAA" : isFamilies ? "A" : undefined);
    const isEnding = /FIN|ECONNRESET/.test(part);
    seen.push(`${await ask({ port, last }, octets, transport, isEnding)}${isOther ? " to AAAA" : ""}`);
  }
  return seen.join("; ");
}

/** The answers that come without being waited for, and then the one that does. */
async function askLate(fault: FaultCase): Promise<string> {
  await using client = new UdpClient(port);
  const octets = queryFor(fault);
  const atFirst = await client.ask(octets);
  const [late] = await client.until(1);
  return `${atFirst.length === 0 ? "nothing at first" : "an answer"}; then ${late && summary(late.bytes, octets)}`;
}

async function askFromElsewhere(fault: FaultCase): Promise<string> {
  await using client = new UdpClient(port);
  const octets = queryFor(fault);
  client.send(octets);
  const [answer] = await client.until(1);
  if (!answer) return "no answer";
  const { address } = answer.from;
  const from =
    address === "127.0.0.1" ? (answer.from.port === port ? "" : ", from another port") : ", from another address";
  return summary(answer.bytes, octets) + from;
}

const ids = (messages: readonly Uint8Array[]) => messages.map((bytes) => decode(bytes)?.message.id).join(" ");

async function askTwo(fault: FaultCase): Promise<string> {
  const queries = [1, 2].map((id) => queryFor(fault, "A", id));
  let order: string;
  if (whenOf(fault).transport === "tcp") order = ids(unframe((await converse(port, queries, { last })).octets));
  else {
    await using client = new UdpClient(port);
    for (const octets of queries) client.send(octets);
    order = ids((await client.until(2)).map(({ bytes }) => bytes));
  }
  return order === "2 1" ? "the second query's answer first" : order;
}

/** The rule closes the one port; the other goes on. */
async function askClosed(closed: Transport, fault: FaultCase): Promise<string> {
  const octets = queryFor(fault);
  if (closed === "tcp") {
    const { ending } = await converse(port, [octets]);
    return `${ending}; over UDP ${await ask({ port, last }, octets, "udp")}`;
  }
  await using client = new UdpClient(port);
  const refused = await client.refused(octets);
  return `${refused}; over TCP ${await ask({ port, last }, octets, "tcp")}`;
}

/** Nothing comes, though the connection was accepted and another one is answered. */
async function askSilent(fault: FaultCase): Promise<string> {
  await using client = new UdpClient(port);
  const used = harness.journal.waitFor({ service: "dns", event: "rule" }).then(() => client.ask());
  const { octets, ending } = await converse(port, [queryFor(fault)], { until: used });
  return octets.length === 0 && !ending ? "silence" : told({ octets, ending }, queryFor(fault));
}

/** The pieces in which an answer left. */
async function askInPieces(fault: FaultCase): Promise<string> {
  const seen = await ask({ port, last }, queryFor(fault), "tcp");
  const lengths = harness.journal
    .find({ kind: "sent" })
    .map(({ bytes }) => bytes.length)
    .slice(0, -1);
  const isOctets = lengths.every((length) => length === 1);
  return `${seen}, in pieces of ${isOctets ? "1 octet" : `${lengths.join(" and ")} octets`}`;
}

/** What the first record of each answer says. */
async function askForData(fault: FaultCase, type: string): Promise<string> {
  await using client = new UdpClient(port);
  const seen: string[] = [];
  for (const part of fault.seen.split("; ")) {
    const [answer] = await client.ask(queryFor(fault, type));
    const [record] = (answer && decode(answer.bytes)?.message.answers) ?? [];
    const data = record ? printRdata(record.type, record.rdata) : part;
    seen.push(type === "SOA" ? `serial ${data.split(" ")[2]}` : data);
  }
  return seen.join("; ");
}

/** Where asking, and telling what came, is not enough. */
const SPECIAL: { readonly [name: string]: (fault: FaultCase) => Promise<string> } = {
  "UDP: a late answer": askLate,
  "UDP: jitter": askLate,
  "UDP: the answer twice": (fault) => ask({ port, last }, queryFor(fault), "udp"),
  "UDP: the answer behind the next one": askTwo,
  "TCP: answers in another order": askTwo,
  "UDP: from another port": askFromElsewhere,
  "UDP: from another address": askFromElsewhere,
  "UDP: the port is closed": (fault) => askClosed("udp", fault),
  "TCP: the port is closed": (fault) => askClosed("tcp", fault),
  "TCP: accepted, then silence": askSilent,
  "TCP: the length in two pieces": askInPieces,
  "TCP: octet by octet": askInPieces,
  "Addresses in turn": (fault) => askForData(fault, "A"),
  "Rebinding: another address from the third query on": (fault) => askForData(fault, "A"),
  "The serial jumps": (fault) => askForData(fault, "SOA"),
};

/** A rule that does not say which transport it is about works over both. */
function transportsOf(fault: FaultCase): readonly Transport[] {
  const { transport, type } = whenOf(fault);
  if (transport) return [transport];
  return type === "AXFR" || type === "IXFR" || fault.seen.includes("ECONNRESET") ? ["tcp"] : ["udp", "tcp"];
}

describe("one rule, and what the client sees of it:", () => {
  const ordinary = FAULTS.filter(({ name }) => !Object.hasOwn(SPECIAL, name));
  const cases = ordinary.flatMap((fault) =>
    transportsOf(fault).map((transport) => [fault.name, transport, fault] as const),
  );

  it.each(cases)("%s, over %s", async (_, transport, fault) => {
    const rule = make(fault);
    expect(await askAll(fault, transport)).toBe(fault.seen);
    expect(rule.count).toBeGreaterThan(0);
  });

  it.each(Object.entries(SPECIAL))("%s", async (name, seen) => {
    const fault = FAULTS.find((one) => one.name === name) as FaultCase;
    make(fault);
    expect(await seen(fault)).toBe(fault.seen);
  });

  it("has no name twice", () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  });
});
