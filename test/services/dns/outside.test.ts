import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { dnsOptions } from "../../../services/dns/options.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { start } from "../../../src/index.ts";
import { UdpClient } from "./clients.ts";
import { contextOf, PEER, print, query } from "./world.ts";

/** Asks one server one question after the other; the sections' lines, without the question. */
function asker(outside: string) {
  const context = contextOf({ outside });
  const responder = new DnsResponder(context);
  const ask = (text: string) =>
    print(responder.respond(query(text), PEER, 0))
      .split("\n")
      .filter((line) => !line.startsWith("question"));
  return { ask, world: context.world };
}

const SOA = "authority . 60 IN SOA ns1.example.test. hostmaster.example.test. 1 3600 900 2419200 60";
const reversed = (ipv4: string) => `${ipv4.split(".").reverse().join(".")}.in-addr.arpa`;

describe("a name outside of the zones", () => {
  it.each<[string, string, readonly string[]]>([
    ["refused", "www.elsewhere.test A", ["REFUSED rd id=1"]],
    [
      "refused",
      "away.example.test A",
      ["NOERROR aa rd id=1", "answer away.example.test. 3600 IN CNAME www.elsewhere.test."],
    ],
    ["nxdomain", "www.elsewhere.test A", ["NXDOMAIN aa rd id=1", SOA]],
    [
      "nxdomain",
      "away.example.test A",
      ["NXDOMAIN aa rd id=1", "answer away.example.test. 3600 IN CNAME www.elsewhere.test.", SOA],
    ],
    ["nxdomain", ". NS", ["NOERROR aa rd id=1", SOA]],
    ["192.0.2.7", "Www.elsewhere.test A", ["NOERROR aa rd id=1", "answer Www.elsewhere.test. 60 IN A 192.0.2.7"]],
    ["192.0.2.7", "www.elsewhere.test AAAA", ["NOERROR aa rd id=1", SOA]],
    ["192.0.2.7", "localhost A", ["NOERROR aa rd id=1", "answer localhost. 60 IN A 127.0.0.1"]],
    ["192.0.2.7", "x.invalid A", ["NXDOMAIN aa rd id=1", SOA]],
    [
      "192.0.2.7",
      "nowhere.example.test A",
      [
        "NXDOMAIN aa rd id=1",
        "authority example.test. 300 IN SOA ns1.example.test. hostmaster.example.test. 2026010101 3600 900 2419200 300",
      ],
    ],
    [
      "192.0.2.7 2001:db8::7",
      "www.elsewhere.test ANY",
      [
        "NOERROR aa rd id=1",
        "answer www.elsewhere.test. 60 IN A 192.0.2.7",
        "answer www.elsewhere.test. 60 IN AAAA 2001:db8::7",
      ],
    ],
    ["synthetic", "www.elsewhere.test MX", ["NOERROR aa rd id=1", SOA]],
    ["synthetic", "9.9.9.9.in-addr.arpa PTR", ["NXDOMAIN aa rd id=1", SOA]],
    ["synthetic", "web.example.test A", ["NOERROR aa rd id=1", "answer web.example.test. 3600 IN A 127.0.0.1"]],
  ])("with %j: %s", (outside, question, lines) => {
    expect(asker(outside).ask(question)).toEqual(lines);
  });

  it("has an address of its own, which leads back to it", () => {
    const { ask, world } = asker("synthetic");
    const { ipv4 = "", ipv6 = "" } = world.addresses.of("smtp.elsewhere.test") ?? {};
    expect(ask("smtp.elsewhere.test A")[1]).toBe(`answer smtp.elsewhere.test. 60 IN A ${ipv4}`);
    expect(ask("SMTP.elsewhere.test AAAA")[1]).toBe(`answer SMTP.elsewhere.test. 60 IN AAAA ${ipv6}`);
    expect(world.nameOf(ipv4)).toBe("smtp.elsewhere.test");
    expect(world.nameOf(ipv6)).toBe("smtp.elsewhere.test");
    expect(ask("away.example.test A")[2]).toBe(
      `answer www.elsewhere.test. 60 IN A ${world.addresses.of("www.elsewhere.test")?.ipv4}`,
    );
  });

  it("is what PTR of its addresses says, from when it was asked for", () => {
    const { ask, world } = asker("synthetic");
    const other = asker("synthetic").world;
    const { ipv4 = "", ipv6 = "" } = other.addresses.of("www.elsewhere.test") ?? {};
    const before = ask(`${reversed(ipv4)} PTR`);
    expect(before).toEqual(["NXDOMAIN aa rd id=1", SOA]);
    ask("www.elsewhere.test A");
    expect(ask(`${reversed(ipv4)} PTR`)[1]).toBe(`answer ${reversed(ipv4)}. 60 IN PTR www.elsewhere.test.`);
    expect(ask(`${reversed(ipv4)} A`)).toEqual(["NOERROR aa rd id=1", SOA]);
    const [high = "", low = ""] = ipv6.replace("2001:db8::", "").split(":");
    const digits = `20010db8${"0".repeat(16)}${high.padStart(4, "0")}${low.padStart(4, "0")}`;
    const name = `${[...digits].reverse().join(".")}.ip6.arpa`;
    expect(ask(`${name} PTR`)[1]).toBe(`answer ${name}. 60 IN PTR www.elsewhere.test.`);
    expect(world.nameOf(ipv6)).toBe("www.elsewhere.test");
  });

  it("is what PTR says over TCP too, from then on", () => {
    const context = contextOf({ outside: "synthetic" });
    const machine = new DnsMachine(context);
    machine.handle({ type: "open", local: { address: "127.0.0.1", port: 53 }, peer: PEER, now: 0 });
    const ask = (text: string) => {
      const outputs = machine.handle({ type: "data", bytes: frame(query(text)), now: 0 });
      return outputs.flatMap((output) => (output.do === "send" ? unframe(output.bytes).map(print) : [])).join("\n");
    };
    const name = `${reversed(asker("synthetic").world.addresses.of("www.elsewhere.test")?.ipv4 ?? "")}`;
    expect(ask(`${name} PTR`)).toContain("NXDOMAIN");
    ask("www.elsewhere.test A");
    expect(ask(`${name} PTR`)).toContain("PTR www.elsewhere.test.");
  });

  it("is refused once 65,536 names have addresses", () => {
    const { ask, world } = asker("synthetic");
    for (let at = 0; at < 65_536; at += 1) world.addresses.of(`n${at}.test`);
    expect(ask("one.more.test A")).toEqual(["REFUSED rd id=1"]);
    expect(ask("n7.test A")[0]).toBe("NOERROR aa rd id=1");
  });

  it.each(["forward", "192.0.2.256", "192.0.2.1,192.0.2.2", ""])("is not answered with %j", (outside) => {
    expect(v.safeParse(dnsOptions, { outside }).success).toBe(false);
  });

  it("has the same address in every harness of one seed, and the name can be had back", async () => {
    const answers = [];
    for (const seed of [5, 5]) {
      await using harness = await start({ services: { dns: { outside: "synthetic" } }, host: "127.0.0.1", seed });
      await using client = new UdpClient(harness.endpoint("dns").port);
      const [answer] = await client.ask(query("smtp.elsewhere.test A"));
      const address = /A (\S+)$/.exec(print(answer?.bytes))?.[1] ?? "";
      expect(harness.world.nameOf(address)).toBe("smtp.elsewhere.test");
      answers.push(address);
    }
    expect(answers[0]).toBe(answers[1]);
  });
});
