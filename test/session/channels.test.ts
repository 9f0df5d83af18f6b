import { describe, expect, it } from "vitest";
import type { Input, Output } from "../../src/contract/machine.ts";
import type { Network } from "../../src/transport/connection.ts";
import { END, RESET, Reader, type Scene, sceneOf, send, turns } from "./fixture.ts";

const LISTEN: Output = { do: "listen", channel: "data" };
const close = (how: "end" | "reset"): Output => ({ do: "close", how, channel: "data" });

/** Opens a listener at `PASV`, and does at other words what the table says. */
function script(words: { readonly [word: string]: readonly Output[] }) {
  return (input: Input): Iterable<Output> => {
    if (input.type !== "data" || input.channel !== undefined) return [];
    const word = Buffer.from(input.bytes).toString();
    return word === "PASV" ? [LISTEN] : (words[word] ?? []);
  };
}

/** The client's end of the data connection. */
async function dial(scene: Scene): Promise<Reader> {
  const listening = scene.machine.inputs.filter((input) => input.type === "listening").at(-1);
  const client = scene.network.dial(listening?.local.port ?? 0);
  if (!client) throw new Error("nobody listens");
  const reader = new Reader(client);
  await turns(1);
  return reader;
}

describe("a channel", () => {
  it("listens beside the session, is connected to, carries octets both ways, and closes", async () => {
    const scene = sceneOf(script({ SEND: [send("contents", "data"), close("end")] }));
    scene.peer.write("PASV");
    const [, , listening] = scene.machine.inputs;
    expect(listening).toMatchObject({ type: "listening", channel: "data", local: { address: "127.0.0.1" } });
    const data = await dial(scene);
    data.write("upload");
    scene.peer.write("SEND");
    data.client.end();
    expect(data.text).toBe("contentsFIN");
    expect(scene.machine.told).toEqual([
      "open",
      '"PASV"',
      "data:listening",
      "data:channel",
      'data:"upload"',
      '"SEND"',
      "data:end",
      "data:closed",
    ]);
    expect(scene.record()).toEqual([
      "open",
      "received PASV",
      "channel",
      "received data upload",
      "received SEND",
      "sent data contents",
      "end by service on data",
      "end by peer on data",
    ]);
    expect(scene.overs()).toBe(0);
  });

  it.each<[string, Output[]]>([
    ["octets for it are dropped", [send("x", "data")]],
    ["closing it is no mistake", [close("end"), close("reset")]],
    ["pulling on it says nothing", [{ do: "pull", channel: "data" }]],
  ])("that does not exist: %s", async (_, outputs) => {
    const scene = sceneOf(script({ GO: outputs }));
    scene.peer.write("GO");
    await turns();
    expect(scene.machine.told).toEqual(["open", '"GO"']);
    expect(scene.record()).not.toContain("note crash");
  });

  it("drops octets sent before anybody is connected", async () => {
    const scene = sceneOf(script({ SEND: [send("too early", "data")] }));
    scene.peer.write("PASV");
    scene.peer.write("SEND");
    expect((await dial(scene)).text).toBe("");
  });

  it.each(["end", "reset"] as const)(
    "is closed (%s) while it listens, and nobody can connect any more",
    async (how) => {
      const scene = sceneOf(script({ ABOR: [close(how)] }));
      scene.peer.write("PASV");
      scene.peer.write("ABOR");
      await expect(dial(scene)).rejects.toThrow("nobody listens");
      expect(scene.machine.told).toEqual(["open", '"PASV"', "data:listening", '"ABOR"']);
    },
  );

  it("resets", async () => {
    const scene = sceneOf(script({ ABOR: [send("half a fi", "data"), close("reset")] }));
    scene.peer.write("PASV");
    const data = await dial(scene);
    scene.peer.write("ABOR");
    expect(data.text).toBe("half a fiRST");
    expect(scene.machine.told.at(-1)).toBe("data:closed");
  });

  it.each(["while it listens", "while it is connected"])("is replaced by another of its name %s", async (when) => {
    const scene = sceneOf(script({}));
    scene.peer.write("PASV");
    const old = when === "while it is connected" ? await dial(scene) : undefined;
    scene.peer.write("PASV");
    const data = await dial(scene);
    data.write("x");
    if (old) expect(old.text).toBe("FIN");
    expect(scene.machine.told.slice(-3)).toEqual(["data:listening", "data:channel", 'data:"x"']);
    expect(scene.machine.told).not.toContain("data:closed");
  });

  it.each(["half-closes", "resets"])("tells when its peer %s", async (how) => {
    const scene = sceneOf(script({}));
    scene.peer.write("PASV");
    const data = await dial(scene);
    if (how === "resets") data.client.reset();
    else data.client.end();
    expect(scene.machine.told.at(-1)).toBe(how === "resets" ? "data:closed" : "data:end");
    expect(scene.overs()).toBe(0);
  });

  it("that cannot be had is refused, and can be asked for again", async () => {
    let attempts = 0;
    const network: Network = {
      listen(address, _peer, events) {
        attempts += 1;
        if (attempts === 1) events.failed(new Error("no port is left"));
        else events.listening({ address, port: 50_000 });
        return { close: () => undefined };
      },
    };
    const { machine, peer } = sceneOf(script({}), { network });
    peer.write("PASV");
    peer.write("PASV");
    expect(machine.inputs[2]).toMatchObject({ type: "refused", channel: "data", reason: "no port is left" });
    expect(machine.told.slice(3)).toEqual(['"PASV"', "data:listening"]);
  });

  it.each(["destroyed", "reset by its peer", "ended", "reset by its machine"])(
    "goes with its session that is %s",
    async (how) => {
      const scene = sceneOf(script({ QUIT: [END], CRASH: [RESET] }));
      scene.peer.write("PASV");
      const data = await dial(scene);
      if (how === "destroyed") scene.session.destroy();
      if (how === "reset by its peer") scene.peer.client.reset();
      if (how === "ended") scene.peer.write("QUIT");
      if (how === "reset by its machine") scene.peer.write("CRASH");
      expect(data.text).toBe("FIN");
      data.write("late");
      expect(scene.machine.told).not.toContain('data:"late"');
    },
  );

  it("that is being closed still delivers, though its session has closed", async () => {
    const scene = sceneOf(script({ QUIT: [send("last line", "data"), close("end"), END] }));
    scene.peer.write("PASV");
    const data = await dial(scene);
    data.client.pause();
    scene.peer.write("QUIT");
    expect(data.text).toBe("");
    data.client.resume();
    expect(data.text).toBe("last lineFIN");
  });

  it("is let go some time after its end, though the peer never closes", async () => {
    const scene = sceneOf(script({ SEND: [send("contents", "data"), close("end")] }));
    scene.peer.write("PASV");
    const data = await dial(scene);
    scene.peer.write("SEND");
    scene.clock.advance(1999);
    expect(scene.machine.told.at(-1)).toBe('"SEND"');
    scene.clock.advance(1);
    expect(scene.machine.told.at(-1)).toBe("data:closed");
    expect(data.text).toBe("contentsFIN");
    expect(scene.overs()).toBe(0);
  });

  it("counts as traffic for the idle timer", async () => {
    const scene = sceneOf((input) => (input.type === "open" ? [{ do: "idle", ms: 1000 }, LISTEN] : []));
    const data = await dial(scene);
    scene.clock.advance(900);
    data.write("x");
    scene.clock.advance(900);
    expect(scene.machine.told).not.toContain("idle");
  });
});
