import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, SLOW, succeed, witness } from "./clients.ts";

const DAYTIME = /^[A-Z][a-z]+day, [A-Z][a-z]+ \d{1,2}, \d{4} \d\d:\d\d:\d\d-UTC\r\n$/;
const ALPHABET = / !"#\$%&'\(\)\*\+,-\.\/0123456789:;<=>\?@A/;

let harness: Harness<"echo" | "discard" | "daytime" | "qotd" | "chargen" | "time">;

beforeAll(async () => {
  harness = await start({ services: ["echo", "discard", "daytime", "qotd", "chargen", "time"] });
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

type Name = Parameters<typeof harness.endpoint>[0];
const portOf = (name: Name) => String(harness.endpoint(name).port);
const bash = (script: string, ...args: string[]) => succeed("bash", ["-c", script, "bash", ...args]);

witness(
  "nc",
  () => {
    const nc = (name: Name, input = "", host = "127.0.0.1") => succeed("nc", ["-N", host, portOf(name)], { input });

    it.each(["127.0.0.1", "::1"])("has every service answer over TCP on %s", async (host) => {
      expect((await nc("echo", "one\r\ntwo", host)).stdout).toBe("one\r\ntwo");
      expect((await nc("discard", "nobody hears this", host)).stdout).toBe("");
      expect((await nc("daytime", "", host)).stdout).toMatch(DAYTIME);
      expect((await nc("qotd", "", host)).stdout).toMatch(/^.+\r\n$/);
      const exchanges = harness.journal.exchanges().map(({ session, request }) => [session.service, request.octets]);
      expect(exchanges.slice(0, 2)).toEqual([
        ["echo", 8],
        ["discard", 17],
      ]);
    });

    it("gets 16 MiB back from echo", async () => {
      const much = Buffer.alloc(16 * 1024 * 1024, "0123456789abcdef\n");
      const { octets } = await succeed("nc", ["-N", "127.0.0.1", portOf("echo")], { input: much });
      expect(octets.equals(much)).toBe(true);
    });

    it("is cut off by head in the middle of chargen, and the session ends", async () => {
      const { stdout } = await bash('nc "$1" "$2" | head -n 5000', "127.0.0.1", portOf("chargen"));
      const lines = stdout.split("\r\n");
      expect(lines).toHaveLength(5001);
      expect(lines[0]).toMatch(ALPHABET);
      expect(lines.slice(0, -1).every((line) => line.length === 72)).toBe(true);
      await harness.journal.waitFor({ service: "chargen", kind: "close" });
    });

    it.each(["echo", "daytime", "qotd", "chargen"] as const)("has %s answer a datagram", async (name) => {
      // It waits a second for more, and no option makes that less.
      const { stdout } = await run("nc", ["-u", "-w", "1", "127.0.0.1", portOf(name)], { input: "hello\n" });
      if (name === "echo") expect(stdout).toBe("hello\n");
      if (name === "daytime") expect(stdout).toMatch(DAYTIME);
      if (name === "qotd") expect(stdout).toMatch(/\r\n$/);
      expect(harness.journal.exchanges(name)).toMatchObject([{ session: { transport: "udp" } }]);
    });
  },
  isInstalled("nc", ["-h"]),
);

witness("telnet", () => {
  it("reads what comes, and says when it is over", async () => {
    // It leaves without reading when its own input is at its end.
    const options = { inputUntil: /Connection closed/ };
    const daytime = await run("telnet", ["127.0.0.1", portOf("daytime")], options);
    expect(daytime.stdout).toMatch(/^Connected to 127\.0\.0\.1\.$/m);
    expect(daytime.stdout).toMatch(/day, .*-UTC/);
    expect(daytime.stdout + daytime.stderr).toContain("Connection closed by foreign host.");
  });

  it("types a line to echo, and leaves when it is back", async () => {
    const options = { input: "hello, echo\n", inputUntil: /^hello, echo\r?\n/m };
    expect((await run("telnet", ["127.0.0.1", portOf("echo")], options)).stdout).toMatch(options.inputUntil);
    const exchange = await harness.journal.waitFor({ service: "echo", kind: "exchange" });
    expect(exchange).toMatchObject({ request: { octets: 13 } });
  });
});

witness("rdate", () => {
  it.each([[["-p"]], [["-p", "-u"]]])("reads the time with %j", async (flags) => {
    const before = Date.now();
    const { stdout } = await succeed("rdate", [...flags, "-o", portOf("time"), "127.0.0.1"]);
    const seconds = Date.parse(`${stdout.trim().replace(/ [A-Z]{3} (\d{4})$/, " $1")} UTC`) / 1000;
    expect(Math.abs(seconds - before / 1000)).toBeLessThan(5);
  });
});

const PYTHON = `
import socket, struct, sys, time
ports = dict(zip(["echo", "discard", "daytime", "qotd", "chargen", "time"], map(int, sys.argv[1:])))
with socket.create_connection(("127.0.0.1", ports["time"]), 5) as client:
    octets = client.makefile("rb").read()
print(len(octets), abs(struct.unpack("!I", octets)[0] - 2208988800 - time.time()) < 5)
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"", ("::1", ports["time"]))
    print(len(client.recv(100)))
    client.sendto(b"x" * 60000, ("::1", ports["echo"]))
    print(len(client.recv(65535)))
with socket.create_connection(("127.0.0.1", ports["discard"]), 5) as client:
    for _ in range(64):
        client.sendall(b"x" * 65536)
    client.shutdown(socket.SHUT_WR)
    print(client.recv(1))
with socket.create_connection(("127.0.0.1", ports["chargen"]), 5) as client:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    print(len(client.recv(10, socket.MSG_WAITALL)))
`;

witness("python3", () => {
  it("talks to all of them by sockets", async () => {
    const names: readonly Name[] = ["echo", "discard", "daytime", "qotd", "chargen", "time"];
    const { stdout } = await succeed("python3", ["-c", PYTHON, ...names.map(portOf)]);
    expect(stdout.split("\n")).toEqual(["4 True", "4", "60000", "b''", "10", ""]);
    const discarded = await harness.journal.waitFor({ service: "discard", kind: "exchange" });
    expect(discarded).toMatchObject({ request: { octets: 64 * 65_536 } });
    await harness.journal.waitFor({ service: "chargen", kind: "close" });
  });
});

describe("bash", SLOW, () => {
  it("opens them as files", async () => {
    const { stdout } = await bash('exec 3<>"/dev/tcp/127.0.0.1/$1"; cat <&3', portOf("daytime"));
    expect(stdout).toMatch(DAYTIME);
  });
});
