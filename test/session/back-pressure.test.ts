import { describe, expect, it } from "vitest";
import type { Output } from "../../src/contract/machine.ts";
import { END, Reader, sceneOf, send, turns } from "./fixture.ts";

const KIBIBYTE = "k".repeat(1024);
const PULL: Output = { do: "pull" };

describe("pull", () => {
  it("is answered once, in a later turn", async () => {
    const { machine } = sceneOf(({ type }) => (type === "open" ? [PULL] : []));
    expect(machine.told).toEqual(["open"]);
    await turns();
    expect(machine.told).toEqual(["open", "pull"]);
  });

  it("lets a machine send without end to a peer that reads", async () => {
    const { machine, peer } = sceneOf(({ type }) => (type === "open" || type === "pull" ? [send(KIBIBYTE), PULL] : []));
    await turns(50);
    expect(machine.inputs.length).toBeGreaterThan(40);
    expect(peer.text.length).toBe(machine.inputs.length * 1024);
  });

  it("waits while the peer does not read, and comes when it does again", async () => {
    const { machine, peer } = sceneOf(({ type }) => (type === "data" || type === "pull" ? [send(KIBIBYTE), PULL] : []));
    peer.client.pause();
    peer.write("x");
    await turns(100);
    const stalled = machine.inputs.length;
    expect(stalled).toBeLessThan(20);
    await turns(20);
    expect(machine.inputs.length).toBe(stalled);
    peer.client.resume();
    await turns(20);
    expect(machine.inputs.length).toBeGreaterThan(stalled + 10);
  });

  it("does not come after the session has closed", async () => {
    const { machine } = sceneOf(({ type }) => (type === "open" ? [PULL, END] : []));
    await turns();
    expect(machine.told).toEqual(["open"]);
  });

  it("asked for twice in a turn is answered once", async () => {
    const { machine } = sceneOf(({ type }) => (type === "open" ? [PULL, PULL] : []));
    await turns();
    expect(machine.told).toEqual(["open", "pull"]);
  });

  it("of a channel waits for that channel's peer alone", async () => {
    const scene = sceneOf((input) => {
      if (input.type === "open") return [{ do: "listen", channel: "data" }];
      if (input.type === "channel" || (input.type === "pull" && input.channel === "data"))
        return [send(KIBIBYTE, "data"), { do: "pull", channel: "data" }];
      return input.type === "data" ? [send("answer")] : [];
    });
    const [, listening] = scene.machine.inputs;
    const client = scene.network.dial(listening?.type === "listening" ? listening.local.port : 0);
    if (!client) throw new Error("nobody listens");
    const data = new Reader(client);
    client.pause();
    await turns(100);
    const stalled = scene.machine.inputs.length;
    expect(stalled).toBeLessThan(25);
    scene.peer.write("still there?");
    expect(scene.peer.text).toBe("answer");
    client.resume();
    await turns(20);
    expect(data.text.length).toBeGreaterThan(stalled * 1024);
  });
});

describe("a peer that does not read", () => {
  it("is not read from, until it reads again", () => {
    const { machine, peer } = sceneOf(({ type }) => (type === "data" ? [send(KIBIBYTE.repeat(4))] : []));
    peer.client.pause();
    for (let at = 0; at < 1000; at += 1) peer.write(`request ${at}`);
    expect(machine.inputs.length).toBeLessThan(10);
    peer.client.resume();
    expect(machine.inputs.length).toBe(1001);
    expect(machine.told.at(-1)).toBe('"request 999"');
  });

  it("does not stop its session's timers, nor its goodbye", () => {
    const { machine, peer, session, clock, overs } = sceneOf(({ type }) => {
      if (type === "open") return [{ do: "timer", name: "t", ms: 100 }];
      if (type === "data") return [send(KIBIBYTE.repeat(64))];
      return type === "shutdown" ? [send("421 bye"), END] : [];
    });
    peer.client.pause();
    peer.write("x");
    clock.advance(100);
    session.shutdown();
    expect(machine.told.slice(2)).toEqual(["timer t", "shutdown stopping"]);
    clock.advance(29_999);
    expect(overs()).toBe(0);
    clock.advance(1);
    expect(overs()).toBe(1);
  });

  it("gets everything and the FIN when it reads at last", () => {
    const { peer, clock, overs } = sceneOf(({ type }) => (type === "data" ? [send(KIBIBYTE.repeat(64)), END] : []));
    peer.client.pause();
    peer.write("x");
    peer.client.end();
    clock.advance(20_000);
    expect(overs()).toBe(0);
    peer.client.resume();
    expect(peer.text).toBe(`${KIBIBYTE.repeat(64)}FIN`);
    expect(overs()).toBe(1);
  });

  it("ends its idle session: what waits for it is no traffic", () => {
    const { machine, peer, clock } = sceneOf(({ type }) => {
      if (type === "open") return [{ do: "idle", ms: 1000 }];
      return type === "data" ? [send(KIBIBYTE.repeat(64))] : [];
    });
    peer.client.pause();
    peer.write("x");
    peer.write("unread");
    clock.advance(1000);
    expect(machine.told.at(-1)).toBe("idle");
  });
});
