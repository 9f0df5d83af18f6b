import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { COMMENTS, printIdentification, SOFTWARE_VERSION } from "./identification.ts";
import { SshMachine } from "./machine.ts";
import { sshStub } from "./stub.ts";

/** Secure Shell, RFC 4253: the identification strings and a clean goodbye. */
export const ssh = defineService({
  name: "ssh",
  title: "Secure Shell",
  specs: ["RFC 4253 sections 4.2, 6 and 11.1"],
  port: 22,
  transports: ["tcp"],
  scheme: "ssh",
  host: "ssh",
  options: v.strictObject({
    softwareVersion: v.optional(
      v.pipe(
        v.string(),
        v.maxLength(100),
        v.regex(SOFTWARE_VERSION, "must be printable US-ASCII without spaces and minus signs"),
        v.description("What stands after `SSH-2.0-`: printable US-ASCII without spaces and minus signs."),
      ),
      "Portwright_0.1",
    ),
    comments: v.optional(
      v.pipe(
        v.string(),
        v.maxLength(140),
        v.regex(COMMENTS, "must be printable US-ASCII"),
        v.description("What stands after the software version and a space; nothing if empty."),
      ),
      "",
    ),
    loginGraceMs: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.description("How many milliseconds a client has for its identification string."),
      ),
      120_000,
    ),
  }),
  request: {
    identification: {
      type: "string",
      doc: "The client's first line, without its line end; absent if it was too long.",
    },
    protocolVersion: { type: "string", doc: "`2.0` in `SSH-2.0-OpenSSH_9.2p1` (RFC 4253 section 4.2)." },
    softwareVersion: { type: "string", doc: "`OpenSSH_9.2p1` in `SSH-2.0-OpenSSH_9.2p1`." },
    comments: { type: "string", doc: "What follows the software version and a space, if anything does." },
  },
  reply: {
    identification: { type: "string", doc: "The server's identification string, without its line end." },
    reason: {
      type: "number",
      doc: "The reason code of SSH_MSG_DISCONNECT (RFC 4253 section 11.1); absent if the goodbye was a line of text.",
    },
    description: { type: "string", doc: "The goodbye in words." },
  },
  stub: sshStub,
  greets: true,
  // What it says to those who do speak SSH 2 is all that it can do yet.
  isRefusal: ({ reason, description }) => description !== undefined && reason === undefined,
  machine: ({ options }, rules) =>
    new SshMachine(printIdentification(options.softwareVersion, options.comments), options.loginGraceMs, rules),
  probe: {
    tcp: [{ expect: /^SSH-2\.0-[^\r\n]+\r\n/ }, { send: "SSH-2.0-probe\r\n" }, { expectEnd: true }],
  },
  example: ({ host, port }) => `ssh -p ${port} ${host}`,
});
