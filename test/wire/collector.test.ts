import { describe, expect, it } from "vitest";
import { Collector } from "../../src/wire/collector.ts";

function collect(pieces: readonly Uint8Array[]): Collector {
  const collector = new Collector();
  for (const piece of pieces) collector.append(piece);
  return collector;
}

const numbered = (count: number, length: number) =>
  Array.from({ length: count }, (_, at) => Buffer.alloc(length, at % 251));

describe("a collector", () => {
  it.each([
    ["nothing", []],
    ["one piece", numbered(1, 10)],
    ["some pieces", numbered(7, 100)],
    ["single octets by the thousand", numbered(3000, 1)],
    ["big pieces by the thousand", numbered(1100, 2000)],
  ])("joins %s", (_what, pieces) => {
    const whole = Buffer.concat(pieces);
    const collector = collect(pieces);
    expect(collector.octets).toBe(whole.length);
    expect(whole.equals(collector.take())).toBe(true);
    expect(collector.octets).toBe(0);
    expect(collector.take()).toHaveLength(0);
  });

  it("keeps a single piece without copying it", () => {
    const piece = new Uint8Array(100_000);
    expect(collect([piece]).take().buffer).toBe(piece.buffer);
  });

  it("does not keep a big block alive for a small part of it", () => {
    const part = new Uint8Array(1_000_000).subarray(0, 100);
    expect(collect([part]).take().buffer.byteLength).toBeLessThan(20_000);
  });

  it("forgets on demand", () => {
    const collector = collect(numbered(600, 1));
    collector.clear();
    expect(collector.octets).toBe(0);
    expect(collector.take()).toHaveLength(0);
  });
});
