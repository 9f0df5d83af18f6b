import { describe, expect, it } from "vitest";
import type { Effects, Fault } from "../../src/contract/fault.ts";
import type { Output } from "../../src/contract/machine.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { fault, TestGate } from "../fault/faults.ts";
import { END, sceneOf, send } from "./fixture.ts";

const EXCHANGE: Output = { do: "exchange", request: {}, reply: {} };

/** Answers each piece with itself in angle brackets; the first under these faults. */
const answering = (faults: readonly Fault[], greeting: readonly Output[] = []) => {
  let isFirst = true;
  return sceneOf(function* (input) {
    if (input.type === "open") yield* greeting;
    if (input.type === "shutdown" || input.type === "end") yield END;
    if (input.type !== "data") return;
    if (isFirst) yield { do: "fault", faults };
    isFirst = false;
    yield send("<");
    yield { do: "send", bytes: input.bytes };
    yield send(">");
    yield EXCHANGE;
  });
};

describe("a fault on one reply", () => {
  it.each<[string, Effects, string]>([
    ["that is raw", { raw: fromLatin1("!!") }, "!!<two>"],
    ["that is corrupt", { corrupt: { after: 1, octets: 1, mask: 0x20 } }, "<One><two>"],
    ["that is truncated", { truncate: 3 }, "<on<two>"],
    ["that loses its last octet", { truncate: -1 }, "<one<two>"],
    ["that is silent", { truncate: 0 }, "<two>"],
    ["that is reset before", { cut: { after: 0, how: "reset" } }, "RST"],
    ["that is reset within", { cut: { after: 2, how: "reset" } }, "<oRST"],
    ["that is reset behind its last octet", { cut: { after: 5, how: "reset" } }, "<one>RST"],
    ["that is reset only behind more than there is", { cut: { after: 6, how: "reset" } }, "<one><two>"],
    ["that is ended within", { cut: { after: 2, how: "end" } }, "<oFIN"],
    ["that stalls", { stall: { after: 2 } }, "<o"],
    ["that half-closes", { halfClose: { after: 5 } }, "<one>FIN"],
  ])("%s", (_, effects, expected) => {
    const { peer } = answering([fault(effects)]);
    peer.write("one");
    peer.write("two");
    expect(peer.text).toBe(expected);
  });

  it("delays it, and what is behind it waits", () => {
    const { peer, clock, record } = answering([fault({ delayMs: 500 })]);
    peer.write("one");
    clock.advance(499);
    peer.write("two");
    expect(peer.text).toBe("");
    clock.advance(1);
    expect(peer.text).toBe("<one><two>");
    expect(record()).toEqual([
      ...["open", "received one", "exchange", "received two", "exchange"],
      ...["sent <", "sent one", "sent >", "sent <", "sent two", "sent >"],
    ]);
  });

  it("holds it until the test lets go", () => {
    const gate = new TestGate();
    const { peer, clock } = answering([fault({ hold: gate })]);
    peer.write("one");
    peer.write("two");
    clock.advance(100_000);
    expect(peer.text).toBe("");
    gate.open();
    expect(peer.text).toBe("<one><two>");
  });

  it("leaves the session as it was once the reply has left", () => {
    const { peer, clock, record } = answering([fault({ delayMs: 5 })]);
    peer.write("one");
    clock.advance(5);
    peer.write("two");
    peer.client.end();
    expect(peer.text).toBe("<one><two>FIN");
    expect(record().at(-1)).toBe("close by peer");
  });
});
