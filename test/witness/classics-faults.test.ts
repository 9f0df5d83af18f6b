import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

let harness: RunningHarness<readonly ["echo", "daytime", "time", "chargen"]>;

beforeAll(async () => {
  harness = await start({ services: ["echo", "daytime", "time", "chargen"] });
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

witness("rdate", () => {
  const rdate = (...flags: string[]) => run("rdate", [...flags, "-o", String(harness.time.port), "127.0.0.1"]);

  it.each([[["-p"]], [["-p", "-u"]]])("with %j cannot read two octets of four", async (flags) => {
    harness.time.stub({ fault: { truncate: 2 } });
    const { code, stderr } = await rdate(...flags);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Could not read data")]);
  });

  it("is told of a reset", async () => {
    harness.time.stub({ fault: "reset" });
    const { code, stderr } = await rdate("-p");
    expect([code, stderr]).toEqual([1, expect.stringContaining("Connection reset by peer")]);
  });

  it("believes a clock that stands at the end of its 32 bits, and one that was never set", async () => {
    harness.time.stub({ reply: ["2036-02-07T06:28:15Z", 0] });
    expect((await rdate("-p")).stdout).toMatch(/^Thu Feb {2}7 06:28:15 .*2036\n$/);
    // RFC 868 leaves it open how often the 32 bits have been full; the rdate of Debian says once.
    expect((await rdate("-p", "-u")).stdout).toMatch(/^Thu Feb {2}7 06:28:16 .*2036\n$/);
  });
});

witness(
  "nc",
  () => {
    it("gets half an answer", async () => {
      harness.echo.stub({ fault: { truncate: 3 } });
      const { stdout } = await succeed("nc", ["-N", "127.0.0.1", String(harness.echo.port)], { input: "hello\n" });
      expect(stdout).toBe("hel");
    });

    it("is refused, and then it is not", async () => {
      const nc = () => run("nc", ["-v", "-w", "5", "127.0.0.1", String(harness.daytime.port)]).catch((error) => error);
      const { port } = harness.daytime;
      const rule = harness.daytime.stub({ fault: "refuse" });
      const refused = await run("bash", ["-c", 'exec 3<>"/dev/tcp/127.0.0.1/$1"', "bash", String(port)]);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("Connection refused")]);
      rule.remove();
      await harness.daytime.ready();
      expect((await nc()).stdout).toMatch(/UTC\r\n$/);
    });
  },
  isInstalled("nc", ["-h"]),
);

const PYTHON = `
import socket, sys
echo, time, chargen = map(int, sys.argv[1:])
def tcp(port, say=b""):
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(say)
        octets = b""
        try:
            while more := client.recv(65536):
                octets += more
        except ConnectionResetError as error:
            return len(octets), type(error).__name__
        return len(octets), "end"
def udp(port, count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        for at in range(count):
            client.sendto(b"%d" % at, ("127.0.0.1", port))
        return [client.recvfrom(100)[0].decode() for at in range(count)]
print(tcp(chargen), tcp(echo, b"x" * 1000), udp(echo, 4))
`;

witness("python3", () => {
  it("sees resets in the middle, and datagrams in another order", async () => {
    harness.chargen.stub({ when: { phase: "mid-stream", at: 5000 }, fault: "reset" });
    harness.echo.stub({ when: { transport: "tcp", phase: "mid-stream", at: 10 }, fault: "reset" });
    harness.echo.stub({ when: { transport: "udp", nth: 2 }, fault: "reorder" });
    const ports = [harness.echo, harness.time, harness.chargen].map(({ port }) => String(port));
    const { stdout } = await succeed("python3", ["-c", PYTHON, ...ports]);
    expect(stdout).toBe("(5000, 'ConnectionResetError') (10, 'ConnectionResetError') ['0', '2', '1', '3']\n");
  });
});
