import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { dnsOptions } from "../../../services/dns/options.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { Views } from "../../../services/dns/views.ts";
import { contextOf, print, query } from "./world.ts";

const SOA = "@ 60 SOA ns hostmaster 1 1h 15m 4w 5m\n";
const zone = (address: string) => ({ "x.test": `${SOA}www 60 A ${address}` });
const OPTIONS = {
  zones: zone("192.0.2.1"),
  views: [
    { peers: ["10.0.0.0/8", "2001:db8::/32"], zones: zone("192.0.2.2") },
    { peers: ["10.1.0.0/16", "127.0.0.2"], zones: zone("192.0.2.3") },
  ],
};

const addressIn = (octets: Uint8Array | undefined) => /^answer .* A (\S+)$/m.exec(print(octets))?.[1];

describe("a view", () => {
  const responder = new DnsResponder(contextOf(OPTIONS));
  const clients: readonly (readonly [string, string])[] = [
    ["10.9.8.7", "192.0.2.2"],
    ["::ffff:10.1.2.3", "192.0.2.2"],
    ["2001:db8:1::1", "192.0.2.2"],
    ["127.0.0.2", "192.0.2.3"],
    ["127.0.0.1", "192.0.2.1"],
    ["::1", "192.0.2.1"],
    ["11.0.0.1", "192.0.2.1"],
  ];

  it.each([...clients, ...clients])("has other zones for %s, over UDP, again and again", (address, wanted) => {
    const ask = (text: string) => responder.respond(query(text), { address, port: 40_000 }, 0);
    expect(addressIn(ask("www.x.test A"))).toBe(wanted);
    expect(addressIn(ask("www.x.test A +option=10:0102030405060708"))).toBe(wanted);
    expect(addressIn(ask("web.example.test A"))).toBe("127.0.0.1");
  });

  it.each(clients)("has other zones for %s, over TCP", (address, wanted) => {
    const machine = new DnsMachine(contextOf(OPTIONS));
    const now = 0;
    machine.handle({ type: "open", local: { address: "127.0.0.1", port: 53 }, peer: { address, port: 40_000 }, now });
    const outputs = machine.handle({ type: "data", bytes: frame(query("www.x.test A")), now });
    const sent = outputs.flatMap((output) => (output.do === "send" ? unframe(output.bytes) : []));
    expect(sent.map(addressIn)).toEqual([wanted]);
  });

  it("follows what becomes of the zones that all have", () => {
    const context = contextOf({ views: OPTIONS.views });
    const ask = new DnsResponder(context);
    const peer = { address: "10.0.0.1", port: 40_000 };
    expect(addressIn(ask.respond(query("new.example.test A"), peer, 0))).toBeUndefined();
    context.world.zones.add("example.test", "new 60 A 192.0.2.9");
    expect(addressIn(ask.respond(query("new.example.test A"), peer, 0))).toBe("192.0.2.9");
    expect(addressIn(ask.respond(query("www.x.test A"), peer, 0))).toBe("192.0.2.2");
  });

  it.each([[["10.0.0.0/33"]], [["10.0.0/8"]], [["2001:db8::/129"]], [["anybody"]], [[""]]])(
    "is not for %j",
    (peers) => {
      expect(v.safeParse(dnsOptions, { views: [{ peers, zones: {} }] }).success).toBe(false);
    },
  );

  it.each([
    ["0.0.0.0/0", "192.0.2.1", 0],
    ["0.0.0.0/0", "::1", -1],
    ["::/0", "::1", 0],
    ["192.0.2.1/31", "192.0.2.0", 0],
    ["192.0.2.1/31", "192.0.2.2", -1],
    ["192.0.2.128/25", "192.0.2.127", -1],
    ["192.0.2.7", "192.0.2.7", 0],
    ["192.0.2.7", "no address", -1],
  ])("of %s has %s: %i", (peer, address, view) => {
    const views = new Views([{ peers: [peer] }]);
    expect([views.of(address), views.of(address)]).toEqual([view, view]);
  });
});
