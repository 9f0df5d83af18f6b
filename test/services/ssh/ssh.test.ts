import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { encodeDisconnect, REASONS } from "../../../services/ssh/disconnect.ts";
import { parseIdentification } from "../../../services/ssh/identification.ts";
import { ssh } from "../../../services/ssh/index.ts";
import { SshMachine } from "../../../services/ssh/machine.ts";
import type { Input, Output } from "../../../src/contract/machine.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";

const OURS = "SSH-2.0-Portwright_0.1";

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;

/** What a session answers to one input after its greeting. */
function answerTo(input: Unstamped<Input>): Output[] {
  return [...new SshMachine(`${OURS}\r\n`, 120_000).handle({ ...input, now: 0 } as Input)];
}

const data = (text: string) => ({ type: "data", bytes: fromLatin1(text) }) as const;

describe("the identification string", () => {
  it.each([
    ["SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", "2.0", "OpenSSH_9.2p1", "Debian-2+deb12u10"],
    ["SSH-2.0-Go", "2.0", "Go", undefined],
    ["SSH-2.0-JSCH-0.1.54", "2.0", "JSCH-0.1.54", undefined],
    ["SSH-1.99-x two words", "1.99", "x", "two words"],
  ])("%s is read", (line, protocolVersion, softwareVersion, comments) => {
    expect(parseIdentification(line)).toEqual({ protocolVersion, softwareVersion, comments });
  });

  it.each(["", "SSH-2.0", "SSH-2.0-", "SSH-2-x", "ssh-2.0-x", " SSH-2.0-x", "SSH-2.0-x y\0", "GET / HTTP/1.1"])(
    "%j is none",
    (line) => {
      expect(parseIdentification(line)).toBeUndefined();
    },
  );

  it.each([
    [{ softwareVersion: "with-minus" }],
    [{ softwareVersion: "with space" }],
    [{ softwareVersion: "" }],
    [{ comments: "two\r\nlines" }],
    [{ softwareVersion: "x".repeat(101) }],
  ])("%j is refused as an option", (options) => {
    expect(v.safeParse(ssh.options, options).success).toBe(false);
  });

  it("fits into 255 octets with the longest options", () => {
    const options = v.parse(ssh.options, { softwareVersion: "x".repeat(100), comments: "y".repeat(140) });
    expect(`SSH-2.0-${options.softwareVersion} ${options.comments}\r\n`.length).toBeLessThanOrEqual(255);
  });
});

describe("the goodbye", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("is a packet of a multiple of 8 octets with %i octets more", (more) => {
    const packet = Buffer.from(encodeDisconnect(REASONS.SSH_DISCONNECT_BY_APPLICATION, "x".repeat(more)));
    expect(packet.length % 8).toBe(0);
    expect(packet.readUInt32BE(0)).toBe(packet.length - 4);
    expect(packet.readUInt8(4)).toBeGreaterThanOrEqual(4);
    const payload = packet.subarray(5, packet.length - packet.readUInt8(4));
    expect(payload.length).toBe(1 + 4 + 4 + more + 4);
  });

  it.each([
    ["an identification", data("SSH-2.0-x\r\n"), 7, "Key exchange is not available."],
    ["the harness stops", { type: "shutdown", reason: "stopping" } as const, 11, "The server is stopping."],
    ["sessions are too many", { type: "shutdown", reason: "too-many-sessions" } as const, 12, "Too many connections."],
    ["the time is over", { type: "timer", name: "login-grace" } as const, 11, "No identification string in time."],
  ])("after %s is SSH_MSG_DISCONNECT", (_when, input, reason, description) => {
    const [sent, , closed] = answerTo(input);
    const packet = Buffer.from(sent?.do === "send" ? sent.bytes : "");
    expect([packet.readUInt8(5), packet.readUInt32BE(6)]).toEqual([1, reason]);
    expect(packet.toString("latin1", 14, 14 + packet.readUInt32BE(10))).toBe(description);
    expect(closed).toEqual({ do: "close", how: "end" });
  });

  it.each([
    ["SSH-1.5-x\r\n", "Protocol major versions differ."],
    ["EHLO client\r\n", "Invalid SSH identification string."],
    ["x".repeat(255), "Invalid SSH identification string."],
    [`SSH-2.0-${"x".repeat(247)}\n`, "Invalid SSH identification string."],
  ])("after %j is a line of text", (line, text) => {
    const [sent, , closed] = answerTo(data(line));
    expect(sent?.do === "send" && toLatin1(sent.bytes)).toBe(`${text}\r\n`);
    expect(closed).toEqual({ do: "close", how: "end" });
  });

  it("is recorded with what the client said", () => {
    expect(answerTo(data("SSH-2.0-x y\n"))[1]).toEqual({
      do: "exchange",
      request: { identification: "SSH-2.0-x y", protocolVersion: "2.0", softwareVersion: "x", comments: "y" },
      reply: { identification: OURS, reason: 7, description: "Key exchange is not available." },
    });
  });
});

describe("what a rule may say", () => {
  const said = (written: unknown) => {
    const { before, identification, goodbye } = v.parse(ssh.stub, written);
    return [before && toLatin1(before), identification && toLatin1(identification), goodbye?.fields];
  };

  it.each<[unknown, readonly unknown[]]>([
    [2, [undefined, undefined, { reason: 2, description: "Said by a rule." }]],
    ["PROTOCOL_ERROR", [undefined, undefined, { reason: 2, description: "Said by a rule." }]],
    ["SSH_DISCONNECT_PROTOCOL_ERROR", [undefined, undefined, { reason: 2, description: "Said by a rule." }]],
    ["SSH-2.0-x", [undefined, "SSH-2.0-x\r\n", undefined]],
    ["Go away.", [undefined, undefined, { description: "Go away." }]],
    [{ description: "Go away." }, [undefined, undefined, { description: "Go away." }]],
    [{ reason: "MAC_ERROR", description: "No." }, [undefined, undefined, { reason: 5, description: "No." }]],
    [{ before: "a\nb" }, ["a\r\nb\r\n", undefined, undefined]],
    [{ before: "a\r\n" }, ["a\r\n", undefined, undefined]],
    [{ identification: "x", end: "\n" }, [undefined, "x\n", undefined]],
    [{ identification: "x", reason: 1 }, [undefined, "x\r\n", { reason: 1, description: "Said by a rule." }]],
  ])("%j", (written, parts) => {
    expect(said(written)).toEqual(parts);
  });
});
