import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLIENT6, expectSound, NOON, Scene, type Script, SERVER6, told, written } from "./fixture.ts";
import { blocksOf, optionsOf, packetsOf, segmentsOf } from "./pcapng-file.ts";

const HANDSHAKE = ["> SYN", "< SYN,ACK", "> ACK"];
const BOTH_END = ["> FIN,ACK", "< ACK", "< FIN,ACK", "> ACK"];
const KILOBYTES = Buffer.alloc(100_000, "0123456789");

describe("a connection in a capture", () => {
  it.each<[string, (session: Script) => unknown, readonly string[]]>([
    ["a connection without a word", (it) => it.open(), HANDSHAKE],
    [
      "a request and its reply",
      (it) => it.open().client("hello").server("world!").client("x"),
      [...HANDSHAKE, "> PSH,ACK 1+5", "< PSH,ACK 1+6", "> PSH,ACK 6+1"],
    ],
    [
      "an end that the client begins",
      (it) => it.open().end("peer").end("service").close("peer"),
      [...HANDSHAKE, ...BOTH_END],
    ],
    [
      "an end that the service begins, as the client answers it",
      (it) => it.open().end("service").wait(5000).end("peer").close("service"),
      [...HANDSHAKE, "< FIN,ACK", "> ACK", "> FIN,ACK", "< ACK"],
    ],
    [
      "a service that leaves",
      (it) => it.open().server("bye").end("service").close("service"),
      [...HANDSHAKE, "< PSH,ACK 1+3", "< FIN,ACK", "> ACK", "> FIN,ACK", "< ACK"],
    ],
    [
      "a client that never ends its half",
      (it) => it.open().end("service").wait(5000).close("service"),
      [...HANDSHAKE, "< FIN,ACK", "> ACK"],
    ],
    [
      "a half-closed connection that goes on",
      (it) => it.open().client("all").end("peer").server("much").end("service").close("peer"),
      [...HANDSHAKE, "> PSH,ACK 1+3", "> FIN,ACK", "< ACK", "< PSH,ACK 1+4", "< FIN,ACK", "> ACK"],
    ],
    [
      "a reset by the client",
      (it) => it.open().server("220 ").close("reset"),
      [...HANDSHAKE, "< PSH,ACK 1+4", "> RST,ACK"],
    ],
    [
      "a reset by the service",
      (it) => it.open().client("x").close("service"),
      [...HANDSHAKE, "> PSH,ACK 1+1", "< RST,ACK"],
    ],
    [
      "a reset that answers a FIN",
      (it) => it.open().end("peer").close("peer"),
      [...HANDSHAKE, "> FIN,ACK", "< ACK", "< RST,ACK"],
    ],
    ["the harness's last resort", (it) => it.open().close("destroyed"), [...HANDSHAKE, "< FIN,ACK", "> ACK"]],
    ["a peer that is not allowed", (it) => it.note("not-allowed"), [...HANDSHAKE, "< RST,ACK"]],
    [
      "a handshake of TLS that came to nothing",
      (it) => it.open().note("tls-failed").close("service"),
      [...HANDSHAKE, "< FIN,ACK", "> ACK"],
    ],
    [
      "one that the client gave up",
      (it) => it.open().note("tls-failed").close("peer"),
      [...HANDSHAKE, "> FIN,ACK", "< ACK", "< FIN,ACK", "> ACK"],
    ],
    [
      "a beginning that the journal has forgotten",
      (it) => it.server("250 Ok\r\n").client("QUIT\r\n").end("service").close("service"),
      ["< PSH,ACK 0+8", "> PSH,ACK 0+6", "< FIN,ACK", "> ACK", "> FIN,ACK", "< ACK"],
    ],
    ["a session of which only the end is left", (it) => it.end("service").close("service"), []],
  ])("shows %s", (_, happen, packets) => {
    const scene = new Scene();
    happen(scene.session());
    const file = written("pcapng", scene.entries);
    expect(told(file)).toEqual(packets);
    expectSound(file);
  });

  it.each([
    ["IPv4", {}, 1460],
    ["IPv6", { local: SERVER6, peer: CLIENT6 }, 1440],
  ])("cuts 100 kB over %s into segments that fit, and has them acknowledged", (_, ends, mss) => {
    const scene = new Scene();
    scene.session(ends).open().server(KILOBYTES).client(KILOBYTES).end("peer").end("service").close("peer");
    const file = written("pcapng", scene.entries);
    expectSound(file);
    const segments = segmentsOf(file);
    expect(segments.filter(({ flags }) => flags.startsWith("SYN")).map((one) => one.mss)).toEqual([mss, mss]);
    for (const direction of [1, 2]) {
      const sent = segments.filter((one) => one.direction === direction && one.data.length > 0);
      expect(Buffer.concat(sent.map(({ data }) => data)).equals(KILOBYTES)).toBe(true);
      expect(sent).toHaveLength(Math.ceil(100_000 / mss));
      expect(sent.filter(({ flags }) => flags === "PSH,ACK")).toEqual([sent.at(-1)]);
    }
    // Never more on its way than a window that nobody has scaled.
    const inFlight = told(file)
      .join(" ")
      .split(/> ACK\b(?! \d)|< ACK\b(?! \d)|[<>] SYN/);
    expect(Math.max(...inFlight.map((run) => (run.match(/\+/g) ?? []).length * mss))).toBeLessThan(65_535);
  });

  it("has each data connection as a connection of its own", () => {
    const scene = new Scene();
    const control = scene.session({ service: "ftp", name: "ftp" }).open().server("229 (|||50000|)\r\n");
    control.channel("data", 50_000, 41_000).server("150 ok\r\n").server("file", "data").end("service", "data");
    control.end("peer", "data").server("226 done\r\n");
    control.channel("data", 50_001, 41_001).client("up", "data").end("peer", "data").server("226 done\r\n");
    control.end("service").close("service");
    const file = written("pcapng", scene.entries);
    expectSound(file);
    const ports = new Map<string, string[]>();
    for (const segment of segmentsOf(file)) {
      const [port = ""] = [segment.source, segment.destination]
        .map((end) => end.split(" ")[1] ?? "")
        .sort()
        .reverse();
      ports.set(port, [...(ports.get(port) ?? []), `${segment.flags}${segment.data.toString()}`]);
    }
    expect(ports.get("50000")).toEqual(["SYN", "SYN,ACK", "ACK", "PSH,ACKfile", "FIN,ACK", "ACK", "FIN,ACK", "ACK"]);
    expect(ports.get("50001")).toEqual(["SYN", "SYN,ACK", "ACK", "PSH,ACKup", "FIN,ACK", "ACK", "FIN,ACK", "ACK"]);
  });
});

describe("a datagram in a capture", () => {
  const binding = {
    service: "echo",
    name: "echo",
    local: { address: "192.0.2.2", port: 10_007 },
    decode: (request: Uint8Array, reply: Uint8Array | undefined) => ({
      request: { octets: request.length },
      reply: reply ? { octets: reply.length } : {},
    }),
  };
  const peer = { address: "192.0.2.1", port: 5353 };

  it.each([
    ["with its answer", Buffer.from("odd"), ["> odd", "< odd"], "echo 3 -> 3"],
    ["without one", undefined, ["> odd"], "echo 3 -> no reply"],
    ["with an empty answer", Buffer.alloc(0), ["> odd", "< "], "echo 3 -> 0"],
  ])("comes %s", (_, answer, datagrams, comment) => {
    const scene = new Scene();
    scene.journal.datagram(binding, NOON, peer, Buffer.from("odd"), answer);
    const file = written("pcapng", scene.entries);
    expectSound(file);
    const packets = packetsOf(file);
    expect(packets.every(({ protocol }) => protocol === 17)).toBe(true);
    const tell = packets.map(({ direction, payload }) => `${direction === 1 ? ">" : "<"} ${payload.subarray(8)}`);
    expect(tell).toEqual(datagrams);
    expect(packets.at(-1)?.comments).toEqual([comment]);
  });

  it("has a checksum over IPv6, even one that is computed as 0", () => {
    const scene = new Scene();
    const six = { ...binding, local: { address: "::1", port: 7 } };
    // The two octets that make the sum of everything else whole.
    for (let octets = 0; octets < 0x10000; octets += 1) {
      scene.journal.datagram(
        six,
        NOON,
        { address: "::1", port: 40_000 },
        Buffer.of(octets >> 8, octets & 0xff),
        undefined,
      );
    }
    const sums = packetsOf(written("pcapng", scene.journal.find())).map(({ payload }) => payload.readUInt16BE(6));
    expect(sums).not.toContain(0);
    expect(sums.filter((sum) => sum === 0xffff).length).toBeGreaterThan(0);
  });
});

describe("a capture", () => {
  it("says who wrote it, on what, and in which unit its times are", () => {
    const [section, description] = blocksOf(written("pcapng", []));
    const text = (body: Buffer | undefined, code: number) =>
      optionsOf(body ?? Buffer.alloc(0)).find((option) => option.code === code)?.value;
    expect(section?.type).toBe(0x0a0d0d0a);
    expect(section?.body.readUInt32LE(0)).toBe(0x1a2b3c4d);
    expect(String(text(section?.body.subarray(16), 4))).toMatch(/^portwright \d+\.\d+\.\d+/);
    expect(String(text(section?.body.subarray(16), 3))).toBe(process.platform);
    expect(description?.type).toBe(1);
    expect(description?.body.readUInt16LE(0)).toBe(101); // raw: no Ethernet
    expect(String(text(description?.body.subarray(8), 2))).toBe("portwright");
    expect(text(description?.body.subarray(8), 9)).toEqual(Buffer.of(6));
  });

  it("has the journal's times, which never go back", () => {
    const scene = new Scene();
    scene.session().open().wait(1500).client("a").wait(-1000).client("b").wait(2000).client("c");
    const times = packetsOf(written("pcapng", scene.entries)).map(({ time }) => time / 1000 - NOON);
    expect(times).toEqual([0, 0, 0, 1500, 1500, 2500]);
  });

  it("has a comment for each exchange, at the last packet of its reply, and for what else happened", () => {
    const scene = new Scene();
    const session = scene
      .session()
      .open()
      .server("220 \r\n")
      .client("RCPT TO:<full@x>\r\n")
      .server("452 4.2.2 full\r\n");
    session.exchange(
      { command: "RCPT", argument: "TO:<full@x>", to: "full@x" },
      { code: 452, enhanced: "4.2.2", text: "full" },
    );
    session.client("DATA\r\n").exchange({ command: "DATA", argument: "" }, {}).note("limit", { lines: 3 });
    const commented = segmentsOf(written("pcapng", scene.entries)).filter(({ comments }) => comments.length > 0);
    expect(commented.map(({ data, comments }) => [String(data), comments])).toEqual([
      ["452 4.2.2 full\r\n", ["smtp RCPT TO:<full@x> -> 452 4.2.2 full"]],
      ["DATA\r\n", ["smtp DATA -> no reply", "smtp limit lines=3"]],
    ]);
  });

  it("says what is said too late at the packet that comes next", () => {
    const scene = new Scene();
    const session = scene.session().open().server("one");
    const other = scene.session({ peer: { address: "192.0.2.9", port: 41_000 } }).open();
    for (let count = 0; count < 1000; count += 1) other.client("x").server("y");
    session.exchange({ command: "LATE" }, {}).client("two");
    const late = segmentsOf(written("pcapng", scene.entries)).filter(({ comments }) => comments.length > 0);
    expect(late.map(({ data, comments }) => [String(data), comments])).toEqual([["two", ["smtp LATE -> no reply"]]]);
  });

  it("shows a service at the port it is known by, and says where it was; two of them at once by their own", () => {
    const scene = new Scene();
    scene.session().open();
    scene.session({ local: { address: "192.0.2.2", port: 10_026 }, name: "backup" }).open();
    const file = written("pcapng", scene.entries, { ports: () => 25 });
    const opened = segmentsOf(file).filter(({ flags }) => flags === "SYN");
    expect(opened.map(({ destination, comments }) => [destination, comments])).toEqual([
      ["192.0.2.2 25", ["smtp: on port 10025"]],
      ["192.0.2.2 10026", []],
    ]);
  });

  it("shows what was inside TLS as the protocol without it", () => {
    const scene = new Scene();
    const tls = { protocol: "TLSv1.3" };
    scene
      .session({ service: "https", name: "https", local: { address: "::1", port: 10_443 }, peer: CLIENT6, tls })
      .open();
    const [first] = segmentsOf(written("pcapng", scene.entries, { ports: () => 443 }));
    expect(first?.destination).toBe("0000:0000:0000:0000:0000:0000:0000:0001 80");
    expect(first?.comments).toEqual(["https: inside TLSv1.3 on port 10443"]);
  });

  it("tells connections between the same ends apart by their sequence numbers", () => {
    const scene = new Scene();
    for (let count = 0; count < 3; count += 1) scene.session().open().client("x").close("reset");
    const file = written("pcapng", scene.entries);
    expectSound(file);
    const starts = segmentsOf(file).filter(({ flags }) => flags === "SYN");
    expect(new Set(starts.map(({ seq }) => seq)).size).toBe(3);
  });

  it("is the same for the same journal", () => {
    const scene = new Scene();
    scene.session().open().client("x").server("y").end("peer").end("service").close("peer");
    expect(written("pcapng", scene.entries).equals(written("pcapng", scene.entries))).toBe(true);
  });

  it("is sound, whatever the journal has and has forgotten", () => {
    const happening = fc.record({
      session: fc.nat(3),
      what: fc.constantFrom("open", "client", "server", "exchange", "note", "channel", "end", "close", "wait"),
      octets: fc.nat(5000),
      side: fc.constantFrom<("peer" | "service")[]>("peer", "service"),
      how: fc.constantFrom<("peer" | "service" | "reset" | "destroyed")[]>("peer", "service", "reset", "destroyed"),
      channel: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
    });
    const all = fc.array(happening, { maxLength: 60 });
    fc.assert(
      fc.property(all, fc.nat(30), (happenings, forgotten) => {
        const scene = new Scene();
        const peers = [1, 2, 3, 4].map((host) =>
          scene.session({ peer: { address: `192.0.2.${host + 10}`, port: 1024 } }),
        );
        let port = 50_000;
        const closed = new Set<number>();
        for (const { session, what, octets, side, how, channel } of happenings) {
          const script = peers[session] as Script;
          // The close is a session's last entry.
          if (closed.has(session)) continue;
          if (what === "close") closed.add(session);
          if (what === "client" || what === "server") script[what](Buffer.alloc(octets, what), channel);
          else if (what === "channel") script.channel(channel ?? "a", port++, port);
          else if (what === "end") script.end(side, channel);
          else if (what === "close") script.close(how);
          else if (what === "wait") script.wait(octets - 1000);
          else if (what === "open") script.open();
          else if (what === "note") script.note("something");
          else script.exchange({ command: "X" }, { code: octets });
        }
        expectSound(written("pcapng", scene.entries.slice(forgotten)));
      }),
      { numRuns: 200 },
    );
  });
});
