import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { FAULTS } from "../../../services/ssh/faults.ts";
import { type Harness, start } from "../../../src/index.ts";
import { type Client, seenOverTcp } from "../classics/fault-client.ts";

const SSH_MSG_DISCONNECT = "\x01";

/** A client that identifies itself and listens; it can read SSH_MSG_DISCONNECT. */
const CLIENT: Client = {
  says: "SSH-2.0-client\r\n",
  halfCloses: false,
  words: [
    ["SSH-2.0-Portwright_0.1\r\n", "the identification"],
    [
      new RegExp(`\\0{3}[\\s\\S][\\x04-\\x0b]${SSH_MSG_DISCONNECT}[\\s\\S]{8,}$`),
      (packet) => {
        const octets = Buffer.from(packet, "latin1");
        const description = octets.toString("latin1", 14, 14 + octets.readUInt32BE(10));
        return `SSH_MSG_DISCONNECT ${octets.readUInt32BE(6)} ${JSON.stringify(description)}`;
      },
    ],
  ],
};

let harness: Harness;

beforeAll(async () => {
  harness = await start({ services: ["ssh"], ports: "ephemeral", clock: "manual" });
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

it.each(FAULTS)("$name: $seen", async ({ rule, seen }) => {
  expect(await seenOverTcp(harness, "ssh", rule, CLIENT)).toBe(seen);
});
