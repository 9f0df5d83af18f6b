import type { Fields } from "../../src/contract/machine.ts";
import type { Triggers } from "../../src/contract/service.ts";
import { durationMs } from "../../src/wire/duration.ts";

/** Names below this one provoke faults, `servfail.fault.test`; labels between that mean nothing make them many. */
const DOMAIN = ".fault.test";
const ADDRESSES = { answers: ["127.0.0.1", "::1"] } as const;
/** It does not fit into UDP, and a client that comes over TCP meets what it asked for. */
const COME_OVER_TCP = { answers: [], truncated: true } as const;

const RCODES = [
  "formerr",
  "servfail",
  "nxdomain",
  "notimp",
  "refused",
  "yxdomain",
  "yxrrset",
  "nxrrset",
  "notauth",
  "notzone",
  "badvers",
  "badcookie",
] as const;

interface Consequence {
  readonly reply?: unknown;
  readonly fault?: unknown;
}

interface Trigger {
  readonly effect: string;
  consequence(request: Fields): Consequence;
}

const trigger = (effect: string, consequence: Consequence): Trigger => ({ effect, consequence: () => consequence });
const isUdp = ({ transport }: Fields) => transport === "udp";
const onStream = (effect: string, fault: unknown): Trigger => ({
  effect: `${effect} UDP is answered with TC, so that the client comes.`,
  consequence: (request) => (isUdp(request) ? { reply: COME_OVER_TCP } : { fault }),
});
const byType = (effect: string, type: "A" | "AAAA", consequence: Consequence): Trigger => ({
  effect,
  consequence: (request) => (request.type === type ? consequence : { reply: ADDRESSES }),
});
const withEdns = (effect: string, consequence: Consequence): Trigger => ({
  effect,
  consequence: ({ edns }) => (typeof edns === "number" && edns > 0 ? consequence : { reply: ADDRESSES }),
});
const aliases = (count: number, last: readonly string[]) => [
  "CNAME c1.alias.fault.test.",
  ...Array.from({ length: count - 1 }, (_, at) => `c${at + 1}.alias.fault.test. CNAME c${at + 2}.alias.fault.test.`),
  ...last.map((record) => `c${count}.alias.fault.test. ${record}`),
];

const TRIGGERS = {
  ok: trigger("127.0.0.1 and ::1.", { reply: ADDRESSES }),
  nodata: trigger("NOERROR without records.", { reply: "NODATA" }),
  timeout: trigger("No answer.", { fault: "drop" }),
  "timeout-udp": {
    effect: "No answer over UDP.",
    consequence: (request) => (isUdp(request) ? { fault: "drop" } : { reply: ADDRESSES }),
  },
  "timeout-tcp": onStream("No answer over TCP.", "silence"),
  truncate: {
    effect: "TC and nothing else over UDP; the addresses over TCP.",
    consequence: (request) => ({ reply: isUdp(request) ? COME_OVER_TCP : ADDRESSES }),
  },
  "truncate-always": trigger("TC and nothing else, over TCP too.", { reply: COME_OVER_TCP }),
  close: onStream("The TCP connection ends by FIN.", "close"),
  reset: onStream("The TCP connection ends by RST.", "reset"),
  slow: trigger("Over TCP the answer comes octet by octet, in a second.", {
    reply: ADDRESSES,
    fault: { slice: { octets: 1, every: "10ms" } },
  }),
  duplicate: trigger("Over UDP the answer comes twice.", { reply: ADDRESSES, fault: "duplicate" }),
  "wrong-source": trigger("Over UDP the answer comes from another port.", {
    reply: ADDRESSES,
    fault: { source: { port: 0 } },
  }),
  "wrong-id": trigger("Another ID than the query's.", { reply: { ...ADDRESSES, id: "wrong" } }),
  "wrong-question": trigger("Another name in the question.", { reply: { ...ADDRESSES, question: "wrong" } }),
  "wrong-type": trigger("Another type in the question.", { reply: { ...ADDRESSES, question: "type" } }),
  "wrong-case": trigger("The question's letters in the other case.", { reply: { ...ADDRESSES, question: "case" } }),
  "no-question": trigger("No question.", { reply: { ...ADDRESSES, question: "missing" } }),
  "not-a-response": trigger("QR is 0.", { reply: { ...ADDRESSES, response: false } }),
  "bad-pointer": trigger("A compression pointer that points to itself.", { reply: { ...ADDRESSES, badName: "loop" } }),
  "bad-count": trigger("The header says nine answers.", { reply: { ...ADDRESSES, counts: { answers: 9 } } }),
  "bad-rdlength": trigger("The first record's length is wrong.", { reply: { ...ADDRESSES, rdlength: 200 } }),
  cut: trigger("The last octet is missing.", { reply: { ...ADDRESSES, cut: 1 } }),
  trailing: trigger("Octets behind the last record.", { reply: { ...ADDRESSES, trailing: "garbage" } }),
  garbage: trigger("Octets that are no message.", { fault: { raw: "garbage" } }),
  cname: trigger("An alias of web.example.test.", {
    reply: { answers: ["CNAME web.example.test.", "web.example.test. A 127.0.0.1", "web.example.test. AAAA ::1"] },
  }),
  "cname-loop": trigger("Two aliases of each other.", { reply: { answers: aliases(1, ["CNAME @"]) } }),
  "cname-chain": trigger("Twenty aliases, and an address.", { reply: { answers: aliases(20, ["A 127.0.0.1"]) } }),
  "cname-dangling": trigger("NXDOMAIN, behind an alias.", { reply: { rcode: "NXDOMAIN", answers: aliases(1, []) } }),
  "cname-and-more": trigger("An alias, and an address of the same name.", {
    reply: { answers: ["CNAME web.example.test.", "A 127.0.0.1"] },
  }),
  "v4-only": byType("NODATA for AAAA.", "AAAA", { reply: "NODATA" }),
  "v6-only": byType("NODATA for A.", "A", { reply: "NODATA" }),
  "aaaa-servfail": byType("SERVFAIL for AAAA.", "AAAA", { reply: "SERVFAIL" }),
  "aaaa-timeout": byType("No answer for AAAA.", "AAAA", { fault: "drop" }),
  "formerr-edns": withEdns("FORMERR without OPT, if the query has EDNS.", { reply: { rcode: "FORMERR", edns: false } }),
  "drop-edns": withEdns("No answer, if the query has EDNS.", { fault: "drop" }),
  "no-edns": trigger("The OPT record is ignored.", { reply: { ...ADDRESSES, edns: false } }),
  ede: trigger("SERVFAIL with an extended error.", {
    reply: { rcode: "SERVFAIL", edns: { ede: { code: 0, text: "asked for" } } },
  }),
  "ttl-0": trigger("A TTL of 0.", { reply: { ...ADDRESSES, ttl: 0 } }),
  "txt-4000": trigger("A TXT record of 4,000 octets.", {
    reply: { answers: [`TXT ${`${"x".repeat(249)} `.repeat(16)}`] },
  }),
} as const satisfies { readonly [label: string]: Trigger };

const BY_LABEL: ReadonlyMap<string, Trigger> = new Map<string, Trigger>([
  ...RCODES.map((rcode) => [rcode, trigger(`${rcode.toUpperCase()}.`, { reply: rcode.toUpperCase() })] as const),
  ...Object.entries(TRIGGERS),
]);

const DELAY = /^delay-(\d+)(ms|s|m|)$/;

function delayOf(label: string): number | undefined {
  const [, count, unit] = DELAY.exec(label) ?? [];
  return count === undefined ? undefined : durationMs(`${count}${unit || "ms"}`);
}

/** What only datagrams can do. */
const OF_DATAGRAMS = ["timeout-udp", "duplicate", "wrong-source"];

/** Names that provoke faults, for programs whose resolver nobody can reconfigure otherwise. */
export const triggers = triggersOf(BY_LABEL);

/** The same where there are no datagrams. */
export const streamTriggers = triggersOf(new Map([...BY_LABEL].filter(([label]) => !OF_DATAGRAMS.includes(label))));

function triggersOf(byLabel: ReadonlyMap<string, Trigger>): Triggers {
  const table = [
    ...[...byLabel].map(([label, { effect }]) => ({ trigger: label + DOMAIN, effect })),
    {
      trigger: `delay-500${DOMAIN}`,
      effect: "The answer comes so many milliseconds later; `delay-2s` is two seconds.",
    },
    { trigger: `servfail.delay-500.x1${DOMAIN}`, effect: "Together; labels without a meaning make a name a new one." },
  ];
  const match = (request: Fields) => {
    const { name } = request;
    if (typeof name !== "string" || !name.endsWith(DOMAIN)) return undefined;
    const labels = name.slice(0, -DOMAIN.length).split(".");
    const found = labels.map((label) => byLabel.get(label)).find((one) => one !== undefined);
    const delay = labels.map(delayOf).find((ms) => ms !== undefined);
    if (!found && delay === undefined) return undefined;
    const consequence = found?.consequence(request) ?? { reply: ADDRESSES };
    // What never comes is not late.
    if (delay === undefined || (consequence.fault !== undefined && consequence.reply === undefined)) return consequence;
    const faults = [consequence.fault, { delay }].filter((fault) => fault !== undefined);
    return { ...consequence, fault: faults };
  };
  return { table, match };
}
