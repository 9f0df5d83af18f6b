import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import { isInstalled, run, SLOW, succeed, witness } from "./clients.ts";

type DnsHarness = RunningHarness<readonly ["dns"]>;
type Rule = Parameters<DnsHarness["dns"]["stub"]>[0];

let harness: DnsHarness;
let port: string;

beforeAll(async () => {
  harness = await start({ services: ["dns"], triggers: true });
  port = String(harness.dns.port);
});
beforeEach(async () => {
  harness.reset();
  await harness.dns.ready();
});
afterAll(() => harness.stop());

const NAME = "web.example.test";
const ANSWERED = /^web\.example\.test\.\s+\d+\s+IN\s+A\s+127\.0\.0\.1$/m;
const TIMED_OUT = /communications error to .*: timed out\n[\s\S]*no servers could be reached/;

/** A rule, what dig is told to do, its exit code, and what it says. */
const DIG: readonly (readonly [what: string, rule: Rule, args: readonly string[], code: number, said: RegExp])[] = [
  [
    "an extended error",
    { reply: { rcode: "SERVFAIL", edns: { ede: { code: 9, text: "no DNSKEY" } } } },
    [NAME],
    0,
    /status: SERVFAIL,[\s\S]*; EDE: 9 \(DNSKEY Missing\): \(no DNSKEY\)/,
  ],
  ["silence", { fault: "drop" }, [NAME], 9, TIMED_OUT],
  ["one lost answer", { fault: "drop", times: 1 }, ["+tries=2", NAME], 0, /timed out[\s\S]*status: NOERROR/],
  ["another ID", { reply: { id: "wrong" } }, [NAME], 9, /ID mismatch: expected ID \d+, got \d+/],
  [
    "another question",
    { reply: { question: "wrong" } },
    [NAME],
    9,
    /Question section mismatch: got wrong\.invalid\/A\/IN/,
  ],
  ["another port", { fault: { source: { port: 0 } } }, [NAME], 9, TIMED_OUT],
  ["a query for an answer", { reply: { response: false } }, [NAME], 0, /query response not set/],
  ["a pointer to itself", { reply: { badName: "loop" } }, [NAME], 0, /Got bad packet: bad compression pointer/],
  ["octets too many", { reply: { trailing: "x" } }, [NAME], 0, /Message has 1 extra bytes at end/],
  ["an octet too few", { fault: "truncate" }, [NAME], 0, /parser reports malformed message packet/],
  ["an OPT record of another owner", { reply: { edns: { owner: "x.test." } } }, [NAME], 0, /reports malformed/],
  [
    "no EDNS",
    { when: { edns: { min: 1 } }, reply: { rcode: "FORMERR", edns: false } },
    [NAME],
    0,
    /EDNS query returned status FORMERR - retry with '\+noedns'/,
  ],
  [
    "BADCOOKIE",
    { reply: { rcode: "BADCOOKIE", edns: { cookie: "good" } }, times: 1 },
    [NAME],
    0,
    /BADCOOKIE, retrying\.[\s\S]*status: NOERROR/,
  ],
  ["somebody else's cookie", { reply: { edns: { cookie: "changed" } } }, [NAME], 0, /Client COOKIE mismatch/],
  [
    "TC, and then RST",
    { sequence: [{ reply: { truncated: true } }, { fault: "reset" }] },
    [NAME],
    9,
    /communications error to .*: connection reset/,
  ],
  ["the end of the connection", { fault: "close" }, ["+tcp", NAME], 9, /communications error to .*: end of file/],
  [
    "the end behind the length",
    { when: { phase: "mid-stream", at: 2 }, fault: "close" },
    ["+tcp", NAME],
    9,
    /communications error to .*: end of file/,
  ],
  ["too short a length", { reply: { length: 20 } }, ["+tcp", NAME], 0, /parser reports malformed message packet/],
  ["octet by octet", { fault: { slice: { octets: 1, every: 1 } } }, ["+tcp", NAME], 0, ANSWERED],
  ["the answer twice", { fault: "duplicate" }, [NAME], 0, ANSWERED],
  [
    "a closed UDP port",
    { when: { transport: "udp", phase: "connect" }, fault: "refuse" },
    [NAME],
    9,
    /communications error to .*: connection refused/,
  ],
  [
    "a closed TCP port",
    { when: { transport: "tcp", phase: "connect" }, fault: "refuse" },
    ["+tcp", NAME],
    9,
    /failed: connection refused/,
  ],
  [
    "a zone that ends early",
    { when: { type: "AXFR" }, reply: { soa: { final: false } }, fault: { close: { after: 3000 } } },
    ["AXFR", "example.test"],
    9,
    /communications error to .*: end of file/,
  ],
  ["a refused zone", { when: { type: "AXFR" }, reply: "REFUSED" }, ["AXFR", "example.test"], 0, /; Transfer failed\./],
];

witness("dig", () => {
  it.each(DIG)("meets %s", async (_, rule, args, code, said) => {
    const made = harness.dns.stub(rule);
    const done = await run("dig", ["@127.0.0.1", "-p", port, "+tries=1", "+time=1", ...args]);
    expect(done.stdout + done.stderr).toMatch(said);
    expect(done.code).toBe(code);
    if (!JSON.stringify(rule).includes("refuse")) expect(made.count).toBeGreaterThan(0);
  });

  it("meets what a name provokes", async () => {
    const dig = async (name: string) => (await succeed("dig", ["@127.0.0.1", "-p", port, `${name}.fault.test`])).stdout;
    expect(await dig("servfail")).toContain("status: SERVFAIL");
    expect(await dig("truncate")).toMatch(/Truncated, retrying in TCP mode[\s\S]*\sA\s+127\.0\.0\.1/);
    expect((await dig("cname-loop")).match(/\sCNAME\s/g)).toHaveLength(2);
  });
});

witness("kdig", () => {
  it.each<[what: string, rule: Rule, code: number, said: RegExp]>([
    ["another ID", { reply: { id: "wrong" } }, 1, /reply ID \(\d+\) is different from query ID/],
    ["another question", { reply: { question: "wrong" } }, 0, /query\/response question sections are different/],
    ["the question in another case", { reply: { question: "case" } }, 0, /question sections are different/],
    ["another port", { fault: { source: { port: 0 } } }, 1, /unexpected reply source 127\.0\.0\.1@/],
    ["a pointer to itself", { reply: { badName: "loop" } }, 1, /malformed reply packet/],
    ["octets too many", { reply: { trailing: "x" } }, 0, /malformed reply packet \(trailing data\)/],
    ["QR 0", { reply: { response: false } }, 0, /response QR bit not set/],
  ])("meets %s", async (_, rule, code, said) => {
    harness.dns.stub(rule);
    const done = await run("kdig", ["@127.0.0.1", "-p", port, "+retry=0", "+timeout=1", NAME]);
    expect(done.stdout + done.stderr).toMatch(said);
    expect(done.code).toBe(code);
  });
});

describe("the resolver of Node", SLOW, () => {
  const resolver = () => {
    const made = new Resolver({ timeout: 300, tries: 2 });
    made.setServers([`127.0.0.1:${port}`]);
    return made;
  };

  it.each<[rule: Rule, code: string]>([
    [{ reply: "SERVFAIL" }, "ESERVFAIL"],
    [{ reply: "REFUSED" }, "EREFUSED"],
    [{ reply: "NOTIMP" }, "ENOTIMP"],
    [{ reply: { rcode: "FORMERR", edns: false } }, "EFORMERR"],
    [{ reply: "NXDOMAIN" }, "ENOTFOUND"],
    [{ reply: "NODATA" }, "ENODATA"],
    [{ fault: "drop" }, "ETIMEOUT"],
    [{ fault: { source: { port: 0 } } }, "ETIMEOUT"],
    [{ when: { transport: "udp", phase: "connect" }, fault: "refuse" }, "ECONNREFUSED"],
  ])("calls %j %s", async (rule, code) => {
    harness.dns.stub(rule);
    await expect(resolver().resolve4(NAME)).rejects.toMatchObject({ code });
  });

  it("comes back after a lost answer, after another ID, and over TCP after TC", async () => {
    const rules: readonly Rule[] = [
      { fault: "drop", times: 1 },
      { reply: { id: "wrong" }, times: 1 },
      { when: { transport: "udp" }, reply: { answers: [], truncated: true } },
    ];
    for (const rule of rules) {
      const made = harness.dns.stub(rule);
      expect(await resolver().resolve4(NAME)).toEqual(["127.0.0.1"]);
      expect(made.count).toBe(1);
      made.remove();
    }
  });

  it("is led elsewhere from the second answer on: rebinding", async () => {
    harness.dns.stub({ when: { name: "rebind.test" }, reply: ["203.0.113.7", "127.0.0.1"], repeat: true });
    const one = resolver();
    expect([await one.resolve4("rebind.test"), await one.resolve4("rebind.test")]).toEqual([
      ["203.0.113.7"],
      ["127.0.0.1"],
    ]);
  });

  it("gets one address family, and for the other an error or nothing", async () => {
    harness.dns.stub({ when: { name: NAME, type: "AAAA" }, reply: "SERVFAIL" });
    const [v4, v6] = await Promise.allSettled([resolver().resolve4(NAME), resolver().resolve6(NAME)]);
    expect(v4).toMatchObject({ value: ["127.0.0.1"] });
    expect(v6).toMatchObject({ reason: { code: "ESERVFAIL" } });
  });
});

const PERL = `
use strict; use warnings; use Net::DNS;
my $resolver = Net::DNS::Resolver->new(nameservers => ["127.0.0.1"], port => $ARGV[0], udp_timeout => 1, retry => 1, igntc => 0);
my $answer = $resolver->send($ARGV[1], "A");
print $answer ? $answer->header->rcode . " " . scalar($answer->answer) : $resolver->errorstring, "\\n";
`;

witness(
  "perl with Net::DNS",
  () => {
    it.each<[rule: Rule, said: RegExp]>([
      [{ reply: "YXDOMAIN" }, /^YXDOMAIN 0\n/],
      [{ when: { transport: "udp" }, reply: { truncated: true, answers: [] } }, /^NOERROR 1\n/],
      [{ fault: "drop" }, /timed out/],
      [{ reply: { badName: "loop" } }, /^NOERROR 0\n/],
    ])("meets %j", async (rule, said) => {
      harness.dns.stub(rule);
      const { stdout, stderr } = await run("perl", ["-e", PERL, port, NAME]);
      expect(stdout + stderr).toMatch(said);
    });
  },
  isInstalled("perl", ["-MNet::DNS", "-e", "1"]),
);
