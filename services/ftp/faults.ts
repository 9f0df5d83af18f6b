import type { FaultCase } from "../../src/contract/service.ts";
import { DATA_FAULTS } from "./data-faults.ts";
import { LISTING_FAULTS } from "./listing-faults.ts";

/*
 * What a client sees, in order: codes, "whole replies", FIN and RST on the control connection; behind a semicolon, what
 * comes over the data connection.
 */

const whole = (reply: string) => JSON.stringify(reply);
const greeting = (name: string, reply: unknown, seen: string): FaultCase => ({
  name,
  rule: { when: { phase: "greeting" }, reply },
  seen,
});
const answer = (name: string, command: string, reply: unknown, seen = String(reply).slice(0, 3)): FaultCase => ({
  name,
  rule: { when: { command }, reply },
  seen,
});

const CONTROL: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and silent", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "nothing" },
  { name: "Accepted, and reset", rule: { when: { phase: "connect" }, fault: "reset" }, seen: "RST" },
  { name: "Accepted, and closed", rule: { when: { phase: "connect" }, fault: "close" }, seen: "FIN" },
  greeting("Not ready yet", { code: 120, text: "Ready in a moment.", final: "50ms" }, "120, 220"),
  greeting("Not ready, ever", { code: 120, text: "Ready in 60 minutes.", final: "never" }, "120"),
  greeting("Not available, as a greeting", 421, "421, FIN"),
  greeting("Nobody may come in", "530 You are not welcome.", "530"),
  greeting("Logged in without being asked", 230, "230"),
  greeting(
    "A banner whose lines look like replies",
    { lines: ["220-Welcome.", "530 Not logged in, says this line.", "220-", "220 Ready."] },
    "220",
  ),
  greeting(
    "A banner of HTTP",
    { lines: ["HTTP/1.1 400 Bad Request", "", ""], close: true },
    `${whole("HTTP/1.1 400 Bad Request")}, FIN`,
  ),
  {
    name: "A greeting in garbage",
    rule: { when: { phase: "greeting" }, fault: { raw: "\u0000\u0001garbage\r\n" } },
    seen: whole("\u0000\u0001garbage"),
  },
  {
    name: "A slow greeting",
    rule: { when: { phase: "greeting" }, fault: { delay: "50ms" } },
    seen: "220",
  },
  {
    name: "A greeting octet by octet",
    rule: { when: { phase: "greeting" }, fault: { slice: { octets: 1, every: 1 } } },
    seen: "220",
  },
  {
    name: "A reply octet by octet",
    rule: { when: { command: "NOOP" }, fault: { slice: { octets: 1, every: 1 } } },
    seen: "200",
  },
  answer("A reply of 20 KB", "NOOP", { code: 200, text: "x".repeat(20_000) }, "200 of 20006 octets"),
  answer("Lines that end with LF alone", "NOOP", { lineEnd: "lf" }, "200 with LF"),
  answer("Two replies in one packet", "NOOP", { lines: ["200 NOOP ok.", "226 Transfer complete."] }, "200, 226"),
  answer(
    "A reply that nobody asked for",
    "NOOP",
    { preliminary: "200 NOOP ok.", code: 421, text: "Idle timeout.", final: "50ms" },
    "200, 421, FIN",
  ),
  {
    name: "A reply that comes late",
    rule: { when: { command: "NOOP" }, fault: { delay: "50ms" } },
    seen: "200",
  },
  { name: "A reply that never comes", rule: { when: { command: "NOOP" }, fault: "silence" }, seen: "nothing" },
  {
    name: "A reply that stops in its midst",
    rule: { when: { command: "NOOP" }, fault: { stall: { after: 5 } } },
    seen: whole("200 N"),
  },
  { name: "FIN in place of a reply", rule: { when: { command: "PWD" }, fault: "close" }, seen: "FIN" },
  { name: "RST in place of a reply", rule: { when: { command: "PWD" }, fault: "reset" }, seen: "RST" },
  {
    name: "FIN after a reply",
    rule: { when: { command: "PWD", phase: "after-reply" }, fault: "close" },
    seen: "257, FIN",
  },
  answer("Not available, in mid-session", "PWD", 421, "421, FIN"),
];

const LOGIN: readonly FaultCase[] = [
  answer("Not logged in", "PASS", "530 Login incorrect."),
  answer("Invalid username or password", "PASS", 430, "430"),
  answer("An account is needed", "PASS", 332, "332"),
  answer("The password is asked for again and again", "PASS", 331, "331"),
  answer("Logged in without a password", "USER", 230, "230"),
  answer("Too many connections", "USER", "421 Too many connections.", "421, FIN"),
  answer("A policy wants TLS", "USER", "534 Policy requires SSL."),
  answer("A server that wants TLS", "USER", "550 SSL/TLS required on the control channel."),
];

const NEGOTIATION: readonly FaultCase[] = [
  ...[500, 502].map((code) => answer(`FEAT is answered with ${code}`, "FEAT", code, String(code))),
  answer(
    "Chosen features",
    "FEAT",
    { features: ["MLST type*;size*;", "UTF8"] },
    whole("211-Features:\n MLST type*;size*;\n UTF8\n211 End"),
  ),
  answer("OPTS is answered with 501", "OPTS", 501, "501"),
  answer("TYPE is answered with 504", "TYPE", 504, "504"),
  answer("Another system", "SYST", "215 VMS V8.4", whole("215 VMS V8.4")),
  answer("SYST is answered with 500", "SYST", 500, "500"),
  answer(
    "PWD without quotation marks",
    "PWD",
    { text: "/home/alice is current directory." },
    whole("257 /home/alice is current directory."),
  ),
  answer("PWD whose quotation does not end", "PWD", { text: '"/home/alice' }, whole('257 "/home/alice')),
  answer("PWD is answered with 550", "PWD", 550, "550"),
  ...[500, 502].map((code) => answer(`EPSV is answered with ${code}`, "EPSV", code, String(code))),
  answer("EPSV for another protocol", "EPSV", "522 Network protocol not supported, use (2)"),
  answer("EPRT is answered with 500", "EPRT", 500, "500"),
  answer("EPRT for other protocols", "EPRT", "522 Network protocol not supported, use (1,2)"),
  ...[425, 500, 502].map((code) => answer(`PASV is answered with ${code}`, "PASV", code, String(code))),
  answer("PORT is answered with 500", "PORT", 500, "500"),
  ...[500, 502, 504, 534, 431].map((code) => answer(`AUTH is answered with ${code}`, "AUTH", code, String(code))),
  answer("PBSZ before AUTH", "PBSZ", 503, "503"),
  answer("PROT of an unknown level", "PROT", 536, "536"),
];

const META: readonly FaultCase[] = [
  answer("SIZE is not allowed in TYPE A", "SIZE", "550 SIZE not allowed in ASCII mode."),
  answer("SIZE lies", "SIZE", "213 999", whole("213 999")),
  answer("MDTM is answered with 550", "MDTM", 550, "550"),
  answer("MDTM in garbage", "MDTM", "213 yesterday", whole("213 yesterday")),
  answer("MDTM with a fraction", "MDTM", "213 20260101000000.123", whole("213 20260101000000.123")),
  answer("RNTO without RNFR", "RNTO", 503, "503"),
  answer("MKD of what exists", "MKD", "550 Directory already exists."),
  answer("MKD of what exists, by another code", "MKD", '521 "/pub" directory already exists; taking no action.'),
  answer("RMD of what is not empty", "RMD", "550 Directory not empty."),
  answer("DELE that says 250 and deletes nothing", "DELE", { code: 250, done: false }, "250"),
];

/** Every way to fail that a rule can make this service show. */
export const FAULTS: readonly FaultCase[] = [
  ...CONTROL,
  ...LOGIN,
  ...NEGOTIATION,
  ...DATA_FAULTS,
  ...LISTING_FAULTS,
  ...META,
];
