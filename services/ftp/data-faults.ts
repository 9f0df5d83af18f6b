import type { FaultCase } from "../../src/contract/service.ts";

const whole = (reply: string) => JSON.stringify(reply);
const answer = (name: string, command: string, reply: unknown, seen: string, fault?: unknown): FaultCase => ({
  name,
  rule: { when: { command }, reply, ...(fault === undefined ? {} : { fault }) },
  seen,
});
const impair = (name: string, command: string, fault: unknown, seen: string): FaultCase => ({
  name,
  rule: { when: { command }, fault },
  seen,
});
interface Place {
  readonly code: 227 | 229;
  readonly address?: string;
  readonly port?: number;
  readonly text?: string;
}
/** What PASV and EPSV tell. */
const place = (name: string, reply: Place, text: string): FaultCase =>
  answer(name, reply.code === 229 ? "EPSV" : "PASV", reply, whole(text));

const PLACES: readonly FaultCase[] = [
  place(
    "227 of an address that nobody can reach",
    { code: 227, address: "192.0.2.1", port: 1 },
    "227 Entering Passive Mode (192,0,2,1,0,1).",
  ),
  place("227 of a private address", { code: 227, address: "10.0.0.1" }, "227 Entering Passive Mode (10,0,0,1,{port})."),
  place("227 of no address", { code: 227, address: "0.0.0.0" }, "227 Entering Passive Mode (0,0,0,0,{port})."),
  place(
    "227 of somebody else's address",
    { code: 227, address: "198.51.100.7" },
    "227 Entering Passive Mode (198,51,100,7,{port}).",
  ),
  place("227 of somebody else's port", { code: 227, port: 7 }, "227 Entering Passive Mode (127,0,0,1,0,7)."),
  place(
    "227 with too few numbers",
    { code: 227, text: "Entering Passive Mode (127,0,0,1)." },
    "227 Entering Passive Mode (127,0,0,1).",
  ),
  place(
    "227 with numbers above 255",
    { code: 227, text: "Entering Passive Mode (127,0,0,1,999,1)." },
    "227 Entering Passive Mode (127,0,0,1,999,1).",
  ),
  place("227 without parentheses", { code: 227, text: "Passive {numbers}" }, "227 Passive 127,0,0,1,{port}"),
  place(
    "229 with too big a port",
    { code: 229, text: "Entering Extended Passive Mode (|||70000|)" },
    "229 Entering Extended Passive Mode (|||70000|)",
  ),
  place(
    "229 without a port",
    { code: 229, text: "Entering Extended Passive Mode" },
    "229 Entering Extended Passive Mode",
  ),
  place("229 with other delimiters", { code: 229, text: "Extended (!!!{port}!)" }, "229 Extended (!!!{port}!)"),
  answer("EPSV is answered with an odd code", "EPSV", "200 Fine.", whole("200 Fine.")),
  answer("The data port is closed", "EPSV", { code: 229, port: "closed" }, "229; ECONNREFUSED"),
  impair("The data port accepts, and is silent", "EPSV", { stall: true, on: "data" }, "229, 150, 226; open"),
  impair("The data port accepts, and resets", "EPSV", { reset: true, on: "data" }, "229; RST"),
];

const DOWNLOADS: readonly FaultCase[] = [
  answer("No 150", "RETR", { preliminary: "none" }, "226; 25 octets, FIN"),
  answer("125 in place of 150", "RETR", 125, "125, 226; 25 octets, FIN"),
  answer("No data connection can be opened", "RETR", 425, "425; open"),
  answer("150, and then no data connection can be opened", "RETR", { preliminary: 150, code: 425 }, "150, 425; FIN"),
  answer("Aborted after so many octets", "RETR", { code: 426, after: 10 }, "150, 426; 10 octets, FIN"),
  answer("Aborted after everything", "RETR", { preliminary: 150, code: 426 }, "150, 426; 25 octets, FIN"),
  answer("RST on the data connection, and 426", "RETR", { preliminary: 150, code: 426 }, "150, 426; 10 octets, RST", {
    reset: { after: 10 },
    on: "data",
  }),
  answer("RST on the data connection, and 226", "RETR", { code: 226 }, "150, 226; 10 octets, RST", {
    reset: { after: 10 },
    on: "data",
  }),
  answer("RST in the midst of a download", "RETR", { data: { octets: 1_000_000 } }, "150, 426; 1000 octets, RST", {
    reset: { after: 1000 },
    on: "data",
  }),
  answer("FIN in the midst of a download", "RETR", { data: { octets: 1_000_000 } }, "150, 426; 1000 octets, FIN", {
    close: { after: 1000 },
    on: "data",
  }),
  answer("A short file, and 226", "RETR", { after: 10 }, "150, 226; 10 octets, FIN"),
  answer("No octets, and 226", "RETR", { data: "" }, "150, 226; FIN"),
  answer("Other octets", "RETR", { data: "other" }, "150, 226; 5 octets, FIN"),
  answer("226 before the data", "RETR", { final: "early" }, "150, 226; 25 octets, FIN"),
  answer(
    "226 in one packet with 150",
    "RETR",
    { lines: ["150 Here it comes.", "226 Done."], preliminary: "none", final: "early" },
    "150, 226; 25 octets, FIN",
  ),
  answer("226 comes late", "RETR", { final: "50ms" }, "150, 226; 25 octets, FIN"),
  answer("226 never comes", "RETR", { final: "never" }, "150; 25 octets, FIN"),
  answer("A local error in the midst", "RETR", { code: 451, after: 10 }, "150, 451; 10 octets, FIN"),
  answer("Busy", "RETR", "450 File busy.", "450; open"),
  answer("Not found", "RETR", "550 No such file.", "550; open"),
  answer("Permission denied", "RETR", "550 Permission denied.", "550; open"),
  answer(
    "A refusal, and 421 behind it",
    "RETR",
    { lines: ["550 No such file.", "421 Closing control connection."], code: 421 },
    "550, 421, FIN; FIN",
  ),
  answer("Page type unknown", "RETR", 551, "551; open"),
  answer(
    "The size is a lie",
    "RETR",
    { size: 999 },
    `${whole("150 Opening BINARY mode data connection for /pub/hello.txt (999 bytes).")}, 226; 25 octets, FIN`,
  ),
  answer(
    "The size is not told",
    "RETR",
    { size: "none" },
    `${whole("150 Opening BINARY mode data connection for /pub/hello.txt.")}, 226; 25 octets, FIN`,
  ),
  answer("REST says 350, and is ignored", "REST", { code: 350, done: false }, "350, 150, 226; 25 octets, FIN"),
  answer("REST is not implemented", "REST", 502, "502, 150, 226; 25 octets, FIN"),
  impair("Slow data", "RETR", { bandwidth: 500, on: "data" }, "150, 226; 25 octets, FIN"),
  impair("The data stall", "RETR", { stall: { after: 10 }, on: "data" }, "150, 226; 10 octets, open"),
  impair("A bit is turned over", "RETR", { corrupt: { after: 0, mask: 0x20 }, on: "data" }, "150, 226; 25 octets, FIN"),
  impair("RETR is not answered", "RETR", "silence", "nothing; open"),
  impair("RETR is answered by an RST", "RETR", "reset", "RST; FIN"),
  impair("ABOR is not answered", "ABOR", "silence", "150"),
  answer("ABOR is not understood", "ABOR", 502, "150, 502"),
  answer(
    "ABOR by 426 and 226 in one packet",
    "ABOR",
    { lines: ["426 Aborted.", "226 Closed."], done: false },
    "150, 426, 226",
  ),
];

const UPLOADS: readonly FaultCase[] = [
  answer("File name not allowed", "STOR", 553, "553; open"),
  answer("No permission to store", "STOR", "550 Permission denied.", "550; open"),
  answer("Busy while storing", "STOR", 450, "450; open"),
  ...[452, 552].map((code) =>
    answer(`Storage is full after so many octets: ${code}`, "STOR", { code, after: 4096 }, `150, ${code}; FIN`),
  ),
  answer("Storage is full, said after everything", "STOR", { preliminary: 150, code: 552 }, "150, 552; FIN"),
  answer("A local error, and nothing is stored", "STOR", { preliminary: 150, code: 451 }, "150, 451; FIN"),
  answer("A local error, and all is stored", "STOR", { preliminary: 150, code: 451, done: true }, "150, 451; FIN"),
  answer("226, and nothing is stored", "STOR", { code: 226, done: false }, "150, 226; FIN"),
  answer("226, and only the beginning is stored", "STOR", { after: 4096 }, "150, 226; FIN"),
  answer("226 before the upload is read", "STOR", { final: "early" }, "150, 226; FIN"),
  answer("226 never comes for an upload", "STOR", { final: "never" }, "150; FIN"),
  impair("An upload is not read", "STOR", { stopReading: true, on: "data" }, "150; open"),
  answer("RST in the midst of an upload", "STOR", { preliminary: 150, code: 426 }, "150, 426; RST", {
    reset: { after: 4096 },
    direction: "in",
    on: "data",
  }),
  impair("APPE is not answered", "APPE", "silence", "nothing; open"),
];

/** Data connections that are not where they should be, and transfers that go wrong. */
export const DATA_FAULTS: readonly FaultCase[] = [...PLACES, ...DOWNLOADS, ...UPLOADS];
