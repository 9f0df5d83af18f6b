import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { triggers } from "../../../services/dns/triggers.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { lastAnswer, UdpClient } from "./clients.ts";
import { ask, type Server } from "./observe.ts";
import { print, query } from "./world.ts";

let harness: RunningHarness<readonly ["dns"]>;
let server: Server;

beforeAll(async () => {
  harness = await start({ services: ["dns"], host: "127.0.0.1", triggers: true });
  const { port } = harness.dns;
  server = { port, last: await lastAnswer(port) };
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

const WHOLE = "NOERROR, 1 A";

/** Each label of the table, and what comes of it over UDP and over TCP, where that is not the same. */
const SEEN: readonly (readonly [question: string, udp: string, tcp?: string])[] = [
  ["formerr", "FORMERR"],
  ["servfail", "SERVFAIL"],
  ["nxdomain", "NXDOMAIN"],
  ["notimp", "NOTIMP"],
  ["refused", "REFUSED"],
  ["yxdomain", "YXDOMAIN"],
  ["yxrrset", "YXRRSET"],
  ["nxrrset", "NXRRSET"],
  ["notauth", "NOTAUTH"],
  ["notzone", "NOTZONE"],
  ["badvers", "BADVERS"],
  ["badcookie", "BADCOOKIE"],
  ["ok", WHOLE],
  ["nodata", "NOERROR"],
  ["timeout", "no answer"],
  ["timeout-udp", "no answer", WHOLE],
  ["timeout-tcp", "NOERROR, TC", "no answer"],
  ["truncate", "NOERROR, TC", WHOLE],
  ["truncate-always", "NOERROR, TC"],
  ["close", "NOERROR, TC", "FIN after 0 octets"],
  ["reset", "NOERROR, TC", "ECONNRESET after 0 octets"],
  ["slow", WHOLE],
  ["duplicate", `${WHOLE}; ${WHOLE}`, WHOLE],
  ["wrong-id", `${WHOLE}, another ID`],
  ["wrong-question", `${WHOLE}, another name in the question`],
  ["wrong-type", `${WHOLE}, another type in the question`],
  ["wrong-case", `${WHOLE}, another case in the question`],
  ["no-question", `${WHOLE}, no question`],
  ["not-a-response", `${WHOLE}, QR=0`],
  ["bad-pointer", "malformed: a compression pointer does not point backwards"],
  ["bad-count", "malformed: the message ends within a name"],
  ["bad-rdlength", "malformed: the RDATA of a record has 200 octets, the message 4 more"],
  ["cut", "malformed: the RDATA of a record has 4 octets, the message 3 more"],
  ["trailing", "malformed: 7 octets are left after the last record"],
  ["garbage", '"garbage"'],
  ["cname", "NOERROR, 1 CNAME 1 A 1 AAAA"],
  ["cname-loop", "NOERROR, 2 CNAME"],
  ["cname-chain", "NOERROR, 20 CNAME 1 A"],
  ["cname-dangling", "NXDOMAIN, 1 CNAME"],
  ["cname-and-more", "NOERROR, 1 CNAME 1 A"],
  ["v4-only", WHOLE],
  ["v4-only AAAA", "NOERROR"],
  ["v6-only", "NOERROR"],
  ["v6-only AAAA", "NOERROR, 1 AAAA"],
  ["aaaa-servfail", WHOLE],
  ["aaaa-servfail AAAA", "SERVFAIL"],
  ["aaaa-timeout", WHOLE],
  ["aaaa-timeout AAAA", "no answer"],
  ["formerr-edns", WHOLE],
  ["formerr-edns A +edns", "FORMERR, no OPT"],
  ["drop-edns", WHOLE],
  ["drop-edns A +edns", "no answer"],
  ["no-edns A +edns", `${WHOLE}, no OPT`],
  ["ede A +edns", 'SERVFAIL, EDE 0 "asked for"'],
  ["ttl-0", `${WHOLE}, TTL 0`],
  ["txt-4000 TXT", "NOERROR, TC", "NOERROR, 1 TXT, 4049 octets"],
  ["anything.servfail.x1", "SERVFAIL"],
  ["SerVFail", "SERVFAIL"],
  // No trigger, and no zone.
  ["servfai", "REFUSED"],
];

describe("a name below fault.test provokes", () => {
  const cases = SEEN.map(([question, udp, tcp = udp]) => [question, udp, tcp] as const);

  it.each(cases)("%s: %s over UDP, %s over TCP", async (question, udp, tcp) => {
    const [label = "", type = "A", more = "cd=1"] = question.split(" ");
    const octets = query(`${label}.fault.test ${type} id=7 ${more}`);
    expect(await ask(server, octets, "udp")).toBe(udp);
    expect(await ask(server, octets, "tcp", /FIN|RESET/.test(tcp))).toBe(tcp);
  });

  it("an answer from another port", async () => {
    await using client = new UdpClient(server.port);
    client.send(query("wrong-source.fault.test A"));
    const [answer] = await client.until(1);
    expect(answer?.from.port).not.toBe(server.port);
  });

  it("a late answer, whatever it is", async () => {
    await using client = new UdpClient(server.port);
    expect(await client.ask(query("delay-50.servfail.fault.test A"))).toEqual([]);
    const [answer] = await client.until(1);
    expect(print(answer?.bytes)).toMatch(/^SERVFAIL/);
  });

  it.each<[name: string, consequence: object | undefined]>([
    ["delay-500.fault.test", { reply: { answers: ["127.0.0.1", "::1"] }, fault: [{ delay: 500 }] }],
    ["delay-2s.fault.test", { reply: { answers: ["127.0.0.1", "::1"] }, fault: [{ delay: 2000 }] }],
    ["x.delay-10.servfail.fault.test", { reply: "SERVFAIL", fault: [{ delay: 10 }] }],
    ["delay-10.duplicate.fault.test", { reply: expect.anything(), fault: ["duplicate", { delay: 10 }] }],
    // What never comes is not late.
    ["delay-10.timeout.fault.test", { fault: "drop" }],
    ["delay-x.fault.test", undefined],
    ["fault.test", undefined],
    ["servfail.fault.test.example", undefined],
    ["servfailxfault.test", undefined],
  ])("what a request for %s says of itself", (name, consequence) => {
    expect(triggers.match({ name, type: "A", transport: "udp" })).toEqual(consequence);
  });

  it("everything that the table tells of", () => {
    const tried = new Set(SEEN.map(([question]) => question.split(" ")[0]));
    const untold = ["wrong-source", "delay-500", "servfail.delay-500.x1"];
    const labels = triggers.table.map(({ trigger }) => trigger.replace(/\.fault\.test$/, ""));
    expect(labels.filter((label) => !tried.has(label))).toEqual(untold);
  });
});

it("without the switch, no name provokes anything", async () => {
  await using plain = await start({ services: ["dns"], host: "127.0.0.1" });
  const { port } = plain.dns;
  const octets = query("servfail.fault.test A");
  expect(await ask({ port, last: await lastAnswer(port) }, octets, "udp")).toBe("REFUSED");
});
