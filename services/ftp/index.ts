import { defineService } from "../../src/contract/service.ts";
import { COMMANDS } from "./commands.ts";
import { FtpMachine } from "./machine.ts";
import { OPTIONS } from "./options.ts";
import { ftpStub } from "./stub.ts";
import { TRIGGERS } from "./triggers.ts";

const inCapitals = (text: string) => text.toUpperCase();

/** File transfer with passive data connections on the world's tree (RFC 959, 1123, 2389, 2428, 2640, 3659). */
export const ftp = defineService({
  name: "ftp",
  title: "File Transfer Protocol",
  specs: ["RFC 959", "RFC 1123 section 4.1", "RFC 2389", "RFC 2428", "RFC 2640", "RFC 3659", "draft-somers-ftp-mfxx"],
  port: 21,
  transports: ["tcp"],
  scheme: "ftp",
  host: "ftp",
  options: OPTIONS,
  request: {
    command: {
      type: "string",
      doc: "The command in capitals, such as RETR; empty if the line had none.",
      values: COMMANDS,
      canonical: inCapitals,
    },
    argument: { type: "string", doc: "What follows the command; `<redacted>` for PASS." },
    path: {
      type: "string",
      doc: "The absolute path that the argument names, for commands on paths.",
      values: ["/"],
      others: /^\//,
    },
    type: {
      type: "string",
      doc: "The representation type in force: A or I.",
      values: ["A", "I"],
      canonical: inCapitals,
    },
    user: { type: "string", doc: "The name that USER gave; empty before it." },
  },
  reply: {
    code: { type: "number", doc: "The code of the final reply." },
    text: { type: "string", doc: "Its text; lines are joined by LF." },
    octets: { type: "number", doc: "Octets that a transfer moved over the data connection." },
  },
  stub: ftpStub,
  greets: true,
  // What HTTP serves for a host: `/hosts/shop.example.test/...`.
  names: ({ path }) => [(typeof path === "string" && /^\/hosts\/([^/]+)/.exec(path)?.[1]) || []].flat(),
  channels: true,
  triggers: TRIGGERS,
  isRefusal: ({ code }) => typeof code === "number" && code >= 400,
  machine: (context, rules) => new FtpMachine(context, rules),
  probe: { tcp: [{ expect: /^220 .*\r\n/m }, { send: "QUIT\r\n" }, { expect: "221 " }] },
  example: ({ host, port }) => `curl ftp://${host.includes(":") ? `[${host}]` : host}:${port}/pub/hello.txt`,
});
