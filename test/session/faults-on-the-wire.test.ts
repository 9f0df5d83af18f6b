import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import type { Effects, Fault } from "../../src/contract/fault.ts";
import type { Output } from "../../src/contract/machine.ts";
import { fault } from "../fault/faults.ts";
import { isInstalled, run, SLOW } from "../witness/clients.ts";
import { answers } from "./answering.ts";
import { END, send, turns } from "./fixture.ts";
import { type TcpScene, tcpSceneOf } from "./tcp-fixture.ts";

/** A client on the system's own sockets: Node's takes an RST that comes with octets for a FIN. */
const CLIENT = `
import os, select, socket, ssl, sys
port, security, play = int(sys.argv[1]), sys.argv[2], sys.argv[3]
s = socket.create_connection(("127.0.0.1", port))
if security == "tls":
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    s = context.wrap_socket(s, suppress_ragged_eofs=False)
def read(ask=b""):
    text = b""
    try:
        s.sendall(ask)
        while True:
            more = s.recv(65536)
            if not more: return text.decode() + " FIN"
            text += more
    except ConnectionError: return text.decode() + " RST"
    except ssl.SSLEOFError:
        # OpenSSL does not tell an RST from a FIN without close_notify; the system does, at the next octet.
        try: os.write(s.fileno(), b"x")
        except ConnectionError: return text.decode() + " RST"
        return text.decode() + " FIN without close_notify"
if play == "ask":
    print(read(b"!"))
elif play == "half":
    print(read(b"!"))
    s.sendall(b"2")
    s.close()
elif play == "upload":
    s.sendall(b"!")
    text = b""
    while len(text) < 6: text += s.recv(6 - len(text))
    # The reset comes while the message is under way: somebody who only sends finds out late.
    try:
        for at in range(8): s.sendall(b"x" * 1024)
        print(read())
    except (ConnectionError, ssl.SSLEOFError): print(" RST")
elif play == "flood":
    s.sendall(b"!")
    s.setblocking(False)
    sent, piece = 0, b"x" * 65536
    while True:
        try: sent += s.send(piece)
        except (BlockingIOError, ssl.SSLWantWriteError):
            if not select.select([], [s], [], 0.3)[1]: break
    print("blocked", flush=True)
    sys.stdin.readline()
    s.setblocking(True)
    s.sendall(piece)
    s.sendall(b"Q")
    print("taken", sent + len(piece) + 2, read())
`;

const hasPython = isInstalled("python3");
/** Whether this user may see what goes over the loopback. */
const maySee = spawnSync("dumpcap", ["-d", "-i", "lo", "-f", "tcp"], { stdio: "ignore" }).status === 0;

const client = (scene: TcpScene, security: string, play: string) =>
  run("python3", ["-c", CLIENT, String(scene.port), security, play]);

// Node's own sockets may tell an RST as a FIN: the client is Python's, where there is one.
describe.skipIf(!hasPython).each(["tcp", "tls"])("over %s", SLOW, (security) => {
  const sceneWith = (faults: readonly Fault[], standing: readonly Fault[] = []) =>
    tcpSceneOf(answers(faults), { isSecure: security === "tls", faults: standing });

  it.each<[string, Effects, Partial<Fault>, string]>([
    ["a reset in place of a reply", { cut: { after: 0, how: "reset" } }, { phase: "instead" }, "hi  RST"],
    ["a reset within a reply", { cut: { after: 2, how: "reset" } }, { phase: "mid-stream" }, "hi <! RST"],
    ["a reset behind a reply", { cut: { after: 0, how: "reset" } }, { phase: "after-reply" }, "hi <!> RST"],
    ["an end within a reply", { cut: { after: 2, how: "end" } }, { phase: "mid-stream" }, "hi <! FIN"],
    ["an end behind a reply", { cut: { after: 0, how: "end" } }, { phase: "after-reply" }, "hi <!> FIN"],
    ["a reset behind the client's octets", { cut: { after: 0, how: "reset" } }, { direction: "in" }, "hi  RST"],
    [
      "other octets and a reset",
      { raw: Buffer.from("garbage"), cut: { after: 7, how: "reset" } },
      {},
      "hi garbage RST",
    ],
  ])("%s is what the client sees", async (_, effects, where, expected) => {
    await using scene = await sceneWith([fault(effects, where)]);
    const { stdout, stderr } = await client(scene, security, "ask");
    expect(stderr).toBe("");
    expect(stdout.trimEnd()).toBe(expected);
    expect(await scene.journal.waitFor({ kind: "close" })).toMatchObject({ how: "service" });
    expect(scene.journal.find({ event: "fault" })).toHaveLength(1);
    expect(scene.sessions[0]?.machine.told.at(-1)).toBe("closed");
  });

  it.each<[string, Fault[], string]>([
    ["reset", [fault({ cut: { after: 0, how: "reset" } }, { phase: "connect" })], "RST"],
    ["ended", [fault({ cut: { after: 2, how: "end" } }, { phase: "connect" })], "hi FIN"],
  ])("a connection is %s before it was asked anything", async (_, standing, expected) => {
    await using scene = await sceneWith([], standing);
    const { stdout } = await client(scene, security, "ask");
    expect(stdout.trim()).toBe(expected);
  });

  it("a half-close is seen by the client, and what it sends afterwards arrives", async () => {
    await using scene = await sceneWith([fault({ halfClose: { after: 3 } })]);
    const { stdout } = await client(scene, security, "half");
    expect(stdout.trimEnd()).toBe("hi <!> FIN");
    await scene.journal.waitFor({ kind: "close" });
    expect(scene.sessions[0]?.machine.told.filter((told) => told.startsWith('"'))).toEqual(['"!"', '"2"']);
  });

  it("a message of the client is reset in its middle", async () => {
    const inwards = fault({ cut: { after: 4096, how: "reset" } }, { phase: "mid-stream", direction: "in" });
    await using scene = await sceneWith([inwards]);
    expect((await client(scene, security, "upload")).stdout).toMatch(/ RST$/m);
    await scene.journal.waitFor({ kind: "close" });
    const told = scene.sessions[0]?.machine.inputs.flatMap((input) => (input.type === "data" ? [input.bytes] : []));
    expect(Buffer.concat(told ?? []).length).toBe(1 + 4096);
  });

  it("a client that is not read from cannot send any more; and can again, and nothing was lost", async () => {
    let octets = 0;
    await using scene = await tcpSceneOf(
      function* (input): Iterable<Output> {
        if (input.type !== "data") return;
        octets += input.bytes.length;
        if (input.bytes.at(-1) === "Q".charCodeAt(0)) yield* [send(`${octets}`), END];
      },
      { isSecure: security === "tls" },
    );
    const python = spawn("python3", ["-c", CLIENT, String(scene.port), security, "flood"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    await scene.journal.waitFor({ kind: "open" });
    const impairment = scene.sessions[0]?.session.impair([fault({}, { stopReading: true })]);
    expect((await lines.next()).value).toBe("blocked");
    const before = octets;
    await turns(100);
    expect(octets).toBe(before);
    impairment?.remove();
    python.stdin.end("\n");
    const [, sent, got] = /^taken (\d+) (\d+) FIN$/.exec((await lines.next()).value ?? "") ?? [];
    expect(Number(sent)).toBeGreaterThan(1000);
    expect(got).toBe(sent);
  });

  // Who may not capture on the loopback cannot be an observer.
  describe.skipIf(!maySee)("an observer of the wire", () => {
    /** What the server's side of the connection said, segment by segment, until one is as wanted. */
    async function observed(scene: TcpScene, wanted: RegExp, act: () => Promise<unknown> | ChildProcess) {
      const fields = ["tcp.srcport", "tcp.flags.str", "tcp.window_size_value", "tcp.len"].flatMap((name) => [
        "-e",
        name,
      ]);
      const tshark = spawn("tshark", ["-l", "-i", "lo", "-f", `tcp port ${scene.port}`, "-T", "fields", ...fields]);
      const ended = new Promise((resolve) => tshark.once("close", resolve));
      for await (const line of createInterface({ input: tshark.stderr })) if (line.includes("Capture started")) break;
      const acting = act();
      const seen: string[] = [];
      for await (const line of createInterface({ input: tshark.stdout })) {
        const [port, flags = "", window, length] = line.split("\t");
        if (Number(port) !== scene.port) continue;
        const letters = flags.replace(/[^A-Z]/g, "");
        seen.push(`${letters} win=${window} len=${length}`);
        if (wanted.test(seen.at(-1) ?? "")) break;
      }
      tshark.kill();
      await ended;
      if (acting instanceof Promise) await acting;
      else acting.kill();
      return seen;
    }

    it("sees an RST, and no FIN", async () => {
      await using scene = await sceneWith([fault({ cut: { after: 2, how: "reset" } })]);
      const seen = await observed(scene, /^A?R/, () => client(scene, security, "ask"));
      expect(seen.at(-1)).toMatch(/^A?R /);
      expect(seen.filter((segment) => segment.split(" ")[0]?.includes("F"))).toEqual([]);
    });

    it("sees the window of a connection closed that is read no more", async () => {
      await using scene = await sceneWith([fault({}, { stopReading: true })]);
      const flood = () => spawn("python3", ["-c", CLIENT, String(scene.port), security, "flood"]);
      const seen = await observed(scene, / win=0 /, flood);
      expect(seen.at(-1)).toContain("win=0");
    });
  });
});
