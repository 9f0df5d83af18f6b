import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { decode } from "../../../services/dns/message.ts";
import type { Output } from "../../../src/contract/machine.ts";
import { concat, toHex } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, query } from "./world.ts";

const SOA = "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n";

class Connection {
  readonly #machine: DnsMachine;
  readonly outputs: Output[] = [];

  constructor(options: object = {}, peer = PEER) {
    this.#machine = new DnsMachine(contextOf(options));
    this.#take(this.#machine.handle({ type: "open", now: 0, local: PEER, peer }));
  }

  get state(): string {
    return this.#machine.state;
  }

  data(bytes: Uint8Array): void {
    this.#take(this.#machine.handle({ type: "data", now: 0, bytes }));
  }

  tell(type: "end" | "idle" | "pull"): void {
    this.#take(this.#machine.handle({ type, now: 0 }));
  }

  overdue(): void {
    this.#take(this.#machine.handle({ type: "timer", now: 0, name: "overdue" }));
  }

  shutdown(): void {
    this.#take(this.#machine.handle({ type: "shutdown", now: 0, reason: "stopping" }));
  }

  /** Pulls until there is nothing to pull. */
  drain(): void {
    for (let pulls = 0; this.outputs.some(({ do: what }) => what === "pull") && pulls < 10_000; pulls += 1) {
      this.outputs.splice(
        this.outputs.findIndex(({ do: what }) => what === "pull"),
        1,
      );
      this.tell("pull");
    }
  }

  get sent(): Uint8Array {
    return concat([
      new Uint8Array(0),
      ...this.outputs.flatMap((output) => (output.do === "send" ? [output.bytes] : [])),
    ]);
  }

  of<What extends Output["do"]>(what: What) {
    return this.outputs.filter((output): output is Extract<Output, { do: What }> => output.do === what);
  }

  #take(outputs: Output[]): void {
    this.outputs.push(...outputs);
  }
}

describe("a TCP connection", () => {
  const pieceOfStream = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .constantFrom(
          "www.example.test A",
          "example.test MX +edns",
          "nobody.example.test A",
          "127.in-addr.arpa AXFR",
          "id.server TXT class=CH",
        )
        .map((text) => frame(query(text))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 12, maxLength: 40 }).map(frame) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }) },
  );

  it("says the same, in whatever pieces the octets come", () => {
    fc.assert(
      fc.property(fc.array(pieceOfStream, { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (parts, size) => {
        const stream = concat([new Uint8Array(0), ...parts]);
        const whole = new Connection();
        whole.data(stream);
        whole.drain();
        whole.tell("end");
        const pieces = new Connection();
        for (let at = 0; at < stream.length; at += size) {
          pieces.data(stream.subarray(at, at + size));
          pieces.drain();
        }
        pieces.tell("end");
        expect(toHex(pieces.sent)).toBe(toHex(whole.sent));
        expect(pieces.of("exchange")).toEqual(whole.of("exchange"));
        expect(pieces.state).toBe("CLOSED");
        expect(whole.of("close")).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it("takes a message of 64 KiB octet by octet, and holds no more of it", () => {
    const connection = new Connection();
    const message = frame(new Uint8Array(65_535));
    for (let at = 0; at < message.length; at += 1) connection.data(message.subarray(at, at + 1));
    expect(decode(unframe(connection.sent)[0] as Uint8Array)?.message.rcode).toBe(1);
  });

  it("records each query with its answer", () => {
    const connection = new Connection();
    connection.data(concat([frame(query("www.example.test A id=1")), frame(query("a.example.test A id=2"))]));
    expect(connection.of("exchange").map(({ request, reply }) => [request.id, request.transport, reply.rcode])).toEqual(
      [
        [1, "tcp", "NOERROR"],
        [2, "tcp", "NXDOMAIN"],
      ],
    );
  });

  it.each(["idle", "shutdown"] as const)("is closed on %s", (type) => {
    const connection = new Connection({ idleMs: 1234 });
    expect(connection.outputs).toEqual([{ do: "idle", ms: 1234 }]);
    if (type === "idle") connection.tell("idle");
    else connection.shutdown();
    expect(connection.of("close")).toEqual([{ do: "close", how: "end" }]);
    connection.data(frame(query("www.example.test A")));
    expect(connection.of("send")).toEqual([]);
  });

  it("notes what is against the protocol", () => {
    const connection = new Connection();
    connection.data(frame(query("hex:000181000000000000000000")));
    connection.data(Uint8Array.of(0, 40, 1));
    connection.tell("end");
    expect(connection.of("note").map(({ detail }) => detail?.problem)).toEqual([
      "a response came where queries come",
      "the connection ended within a message, after 3 octets of it",
    ]);
  });

  it("sends no more in one turn than the queue can take, whatever is asked at once", () => {
    const text = `${SOA}big 60 TXT ${Array.from({ length: 100 }, () => "x".repeat(250)).join(" ")}`;
    const connection = new Connection({ zones: { "x.test": text } });
    connection.data(concat(Array.from({ length: 500 }, (_, at) => frame(query(`big.x.test TXT id=${at}`)))));
    expect(connection.sent.length).toBeLessThan(128 * 1024);
    connection.drain();
    expect(connection.of("exchange").map(({ request }) => request.id)).toEqual(
      Array.from({ length: 500 }, (_, at) => at),
    );
  });

  it("is closed on a client that asks on and on without taking its answers", () => {
    const text = `${SOA}big 60 TXT ${Array.from({ length: 100 }, () => "x".repeat(250)).join(" ")}`;
    const connection = new Connection({ zones: { "x.test": text } });
    const queries = concat(Array.from({ length: 1000 }, () => frame(query("big.x.test TXT"))));
    for (let round = 0; round < 100 && connection.state !== "CLOSED"; round += 1) connection.data(queries);
    expect(connection.state).toBe("CLOSED");
    expect(connection.of("note")).toHaveLength(1);
  });
});

describe("a zone transfer", () => {
  const zones = {
    "big.test":
      SOA +
      Array.from(
        { length: 5000 },
        (_, at) => `host-${at} 60 A 192.0.2.${at % 256}\nhost-${at} 60 TXT "${"x".repeat(at % 50)}"`,
      ).join("\n"),
  };

  it("of a large zone comes in many messages and many turns", () => {
    const connection = new Connection({ zones });
    connection.data(concat([frame(query("big.test AXFR id=1 rd=0")), frame(query("id.server TXT class=CH id=2"))]));
    expect(connection.state).toBe("TRANSFER");
    expect(connection.sent.length).toBeLessThan(128 * 1024);
    connection.drain();
    expect(connection.state).toBe("QUERY");
    const messages = unframe(connection.sent).map((octets) => decode(octets)?.message);
    expect(messages.at(-1)?.id).toBe(2);
    const records = messages.slice(0, -1).flatMap((message) => message?.answers ?? []);
    expect(records).toHaveLength(10_002);
    expect([records[0]?.type, records.at(-1)?.type]).toEqual([6, 6]);
    expect(messages.slice(0, -1).every((message) => message?.id === 1 && message.authoritative)).toBe(true);
    const [transfer, other] = connection.of("exchange");
    expect(transfer).toMatchObject({ request: { type: "AXFR" }, reply: { messages: messages.length - 1 } });
    expect(other).toMatchObject({ request: { name: "id.server" } });
  });

  it("ends when the client half-closes in its midst: after its last record", () => {
    const connection = new Connection({ zones });
    connection.data(frame(query("big.test AXFR")));
    connection.tell("end");
    expect(connection.of("close")).toEqual([]);
    connection.drain();
    expect(connection.of("close")).toHaveLength(1);
    expect(unframe(connection.sent).flatMap((octets) => decode(octets)?.message.answers ?? [])).toHaveLength(10_002);
  });

  it.each([
    ["loopback", "127.0.0.1", "NOERROR"],
    ["loopback", "127.8.9.1", "NOERROR"],
    ["loopback", "::1", "NOERROR"],
    ["loopback", "::ffff:127.0.0.1", "NOERROR"],
    ["loopback", "192.0.2.1", "REFUSED"],
    ["loopback", "2001:db8::1", "REFUSED"],
    ["any", "192.0.2.1", "NOERROR"],
    ["none", "127.0.0.1", "REFUSED"],
  ])("allowed to %s is answered to %s with %s", (transfer, address, rcode) => {
    const connection = new Connection({ transfer }, { address, port: 40_000 });
    connection.data(frame(query("example.test AXFR")));
    expect(connection.of("exchange")[0]?.reply.rcode).toBe(rcode);
  });
});

describe("answers out of order", () => {
  const ids = (connection: Connection) => unframe(connection.sent).map((octets) => octets[1]);
  const ask = (connection: Connection, ...all: readonly number[]) => {
    for (const id of all) connection.data(frame(query(`id.server TXT class=CH id=${id}`)));
  };

  it("swap places in pairs, and one that is alone leaves when its time is up", () => {
    const connection = new Connection({ outOfOrderMs: 50 });
    ask(connection, 1, 2, 3);
    expect(ids(connection)).toEqual([2, 1]);
    expect(connection.of("timer").map(({ ms }) => ms)).toEqual([50, "off", 50]);
    connection.overdue();
    expect(ids(connection)).toEqual([2, 1, 3]);
    ask(connection, 4, 5);
    expect(ids(connection)).toEqual([2, 1, 3, 5, 4]);
  });

  it("are not lost at the end", () => {
    const connection = new Connection({ outOfOrderMs: 50 });
    ask(connection, 1);
    connection.tell("end");
    expect(ids(connection)).toEqual([1]);
    expect(connection.state).toBe("CLOSED");
  });
});
