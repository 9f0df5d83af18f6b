import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import { dial } from "./smtp-talk.ts";

let harness: RunningHarness<readonly ["smtp"]>;
const refuse = () => harness.smtp.stub({ fault: "refuse" });

beforeEach(async () => {
  harness ??= await start({ services: ["smtp"], host: "127.0.0.1" });
  harness.reset();
  await harness.smtp.ready();
});
afterAll(() => harness.stop());

describe("a port that a rule closes", () => {
  it("is opened once, however often it is told to", async () => {
    refuse().remove();
    harness.reset();
    harness.reset();
    await harness.smtp.ready();
    expect(await dial(harness.smtp.port)).toBe("connected");
    expect(harness.journal.find({ event: "reopen-failed" })).toEqual([]);
  });

  it("stays closed if it is closed again while it opens", async () => {
    refuse().remove();
    const again = refuse();
    await harness.smtp.ready();
    expect(await dial(harness.smtp.port)).toBe("ECONNREFUSED");
    again.remove();
    await harness.smtp.ready();
    expect(await dial(harness.smtp.port)).toBe("connected");
  });

  it("opens if it is closed and opened again while it opens", async () => {
    refuse().remove();
    refuse().remove();
    await harness.smtp.ready();
    expect(await dial(harness.smtp.port)).toBe("connected");
  });

  it("may be taken meanwhile, which is told, and is ours again when it is free", async () => {
    const { port } = harness.smtp;
    const rule = refuse();
    const thief = createServer().listen(port, "127.0.0.1");
    await once(thief, "listening");
    rule.remove();
    await expect(harness.smtp.ready()).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(harness.journal.find({ event: "reopen-failed" })).toHaveLength(1);
    thief.close();
    await once(thief, "close");
    harness.reset();
    await harness.smtp.ready();
    expect(await dial(port)).toBe("connected");
  });

  it("is left to others when the harness stops while it opens", async () => {
    await using own = await start({ services: ["smtp"], host: "127.0.0.1" });
    const { port } = own.smtp;
    own.smtp.stub({ fault: "refuse" }).remove();
    await own.stop();
    expect(await dial(port)).toBe("ECONNREFUSED");
  });
});
