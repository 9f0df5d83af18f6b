import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PortwrightError, type RunningHarness, start } from "../../src/index.ts";
import { visit } from "../hostile/visitor.ts";
import { dial, talkTo } from "./smtp-talk.ts";

let harness: RunningHarness<readonly ["smtp", "http"]>;

beforeAll(async () => {
  harness = await start({ services: ["smtp", "http"], triggers: true });
});
afterEach(async () => {
  harness.reset();
  await harness.smtp.ready();
});
afterAll(() => harness.stop());

const talk = (...lines: string[]) => talkTo(harness, ...lines);

function catching(act: () => void): PortwrightError {
  try {
    act();
  } catch (error) {
    return error as PortwrightError;
  }
  throw new Error("nothing was thrown");
}

describe("verify", () => {
  it("is content when every rule was used, and nothing was refused", async () => {
    harness.smtp.stub({ when: { command: "NOOP" }, reply: 550 });
    await talk("NOOP", "QUIT");
    harness.verify();
  });

  it("names rules that were never used, and requests that were refused without one", async () => {
    harness.smtp.stub({ name: "a full mailbox", when: { command: "RCPT" }, reply: 452 });
    await talk("EHLO a", "XYZZY", "QUIT");
    const error = catching(() => harness.verify());
    expect(error.code).toBe("VERIFY_FAILED");
    expect(error.message.split("\n")).toEqual([
      'smtp: "a full mailbox" was never used',
      "smtp: no rule is about XYZZY, which was refused: 500 enhanced=5.5.1 text=Command unrecognized",
    ]);
    harness.verify({ rules: false, requests: false });
  });

  it("is content with the refusals of a rule that is gone, or that saw too many to remember them all", async () => {
    {
      using rule = harness.smtp.stub({ when: { command: "NOOP" }, reply: "550 no" });
      expect(await talk(...Array.from({ length: 1001 }, () => "NOOP"), "QUIT")).toMatch(/^220 (550 ){1001}221 FIN$/);
      expect(rule.seen).toHaveLength(1000);
    }
    harness.verify();
  });

  it("is content with a refusal that a trigger asked for", async () => {
    expect(await talk("EHLO a", "MAIL FROM:<>", "RCPT TO:<452@fault.test>", "QUIT")).toBe("220 250 250 452 221 FIN");
    harness.verify();
  });

  it("is content with a port that was closed, which nobody can have asked", async () => {
    harness.smtp.stub({ fault: "refuse" });
    expect(await dial(harness.smtp.port)).toBe("ECONNREFUSED");
    harness.verify();
  });

  it("is content with what impaired only sessions that were open already", async () => {
    const visitor = await visit(harness, "smtp");
    await harness.journal.waitFor({ service: "smtp", kind: "sent" });
    harness.smtp.impair({ slice: 1 });
    visitor.socket.end("QUIT\r\n");
    expect(await visitor.over).toBe("FIN");
    harness.verify();
  });

  it("shows no secrets", async () => {
    const answer = await fetch(`${harness.http.url}/absent`, { headers: { authorization: "Bearer s3cret" } });
    expect(answer.status).toBe(404);
    await answer.text();
    const { message } = catching(() => harness.verify());
    expect(message).toContain("no rule is about GET target=/absent ");
    expect(message).not.toContain("s3cret");
  });
});
