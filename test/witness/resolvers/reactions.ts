import { FAULTS } from "../../../services/dns/faults.ts";
import type { FaultCase } from "../../../src/contract/service.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { UdpClient } from "../../services/dns/clients.ts";
import { query } from "../../services/dns/world.ts";
import type { Question, Resolver } from "./resolver.ts";

type DnsHarness = RunningHarness<readonly ["dns"]>;
type Rule = Parameters<DnsHarness["dns"]["stub"]>[0];

interface When {
  readonly name?: string;
  readonly type?: string;
  readonly transport?: "udp" | "tcp";
  readonly phase?: string;
}

const NAME = "web.example.test";

/** One lookup cannot show them. */
const NEED_SEVERAL: readonly string[] = [
  "UDP: no answer to every other query",
  "TCP: one answer a connection",
  "TCP: answers in another order",
  "TCP: closed when idle",
  "Addresses in turn",
  "Rebinding: another address from the third query on",
  "The serial jumps",
];

/** They are about both address families: who asks for both at once, does. */
const ABOUT_FAMILIES: readonly string[] = [
  "UDP: no answer for one type",
  "IPv4 only",
  "IPv6 only",
  "SERVFAIL for AAAA",
];

/** What other faults than those of addresses are about. */
const TYPES: { readonly [name: string]: Question["type"] } = {
  "UDP: more octets than the client can take": "TXT",
  "UDP: more octets than the client's EDNS allows": "TXT",
  "An empty TXT": "TXT",
  "A TXT of 62 KiB": "TXT",
  "No mail here (RFC 7505)": "MX",
  "No such service": "SRV",
  "Services by weight": "SRV",
  "A critical CAA property that nobody knows": "CAA",
};

const whenOf = ({ rule }: FaultCase): When => (rule.when ?? {}) as When;

/** The faults that one lookup of a resolver meets: no zone transfers. */
export const MET: readonly FaultCase[] = FAULTS.filter((fault) => {
  const { type = "A" } = whenOf(fault);
  return ["A", "AAAA"].includes(type) && !NEED_SEVERAL.includes(fault.name);
});

/** It asks for addresses only. */
const NOT_ASKED = "-";
/** It asked nothing that the fault is about. */
const NOT_MET = "not met";

/** A harness on whose DNS resolvers are measured, one after the other. */
export class Reactions implements AsyncDisposable {
  readonly #harness: DnsHarness;

  private constructor(harness: DnsHarness) {
    this.#harness = harness;
  }

  /** On its well-known port, if a resolver knows no other. */
  static async start(ports: "ephemeral" | "well-known" = "ephemeral"): Promise<Reactions> {
    const settings = { services: ["dns"], host: "127.0.0.1", ports, strict: true } as const;
    return new Reactions(await start(settings));
  }

  get port(): number {
    return this.#harness.dns.port;
  }

  /** What a resolver does when it meets a fault: the queries that came, and what it says of it. */
  async to(fault: FaultCase, resolver: Resolver): Promise<string> {
    const { dns, journal } = this.#harness;
    const question = questionFor(fault, resolver);
    if (!resolver.types.includes(question.type)) return NOT_ASKED;
    this.#harness.reset();
    await dns.ready();
    const { transport, phase } = whenOf(fault);
    // A resolver comes over TCP when it has been sent there.
    if (transport === "tcp")
      dns.stub({ when: { transport: "udp", name: NAME }, reply: { answers: [], truncated: true } });
    const rule = dns.stub(fault.rule as Rule);
    const { outcome, ms } = await resolver.ask(question);
    if (!(transport === "udp" && phase === "connect")) await this.#settled();
    const letters = journal
      .exchanges("dns", { name: question.name })
      .map(({ session }) => (session.transport === "udp" ? "u" : "t"));
    const queries = letters.length > 0 ? `\`${letters.join("")}\` ` : "";
    const isMissed = rule.count === 0 && phase === undefined;
    return isMissed ? NOT_MET : `${queries}${outcome}${ms > resolver.lateMs ? ", late" : ""}`;
  }

  /** The same, for faults by their names. */
  async toAll(names: readonly string[], resolver: Resolver): Promise<readonly string[]> {
    const seen: string[] = [];
    for (const name of names) {
      const fault = MET.find((one) => one.name === name);
      if (!fault) throw new RangeError(`no fault is called ${name}`);
      seen.push(await this.to(fault, resolver));
    }
    return seen;
  }

  /** Whatever came before has been written down when a query that no rule is about is answered. */
  async #settled(): Promise<void> {
    await using client = new UdpClient(this.port);
    await client.ask(query("ssh.example.test A id=3"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#harness.stop();
  }
}

function questionFor(fault: FaultCase, resolver: Resolver): Question {
  const { name = NAME, type } = whenOf(fault);
  const both = ABOUT_FAMILIES.includes(fault.name) && resolver.types.includes("both");
  return { name: name.replace("*", "x"), type: both ? "both" : (TYPES[fault.name] ?? (type === "AAAA" ? type : "A")) };
}
