import { describe, expect, it } from "vitest";
import { parseLsof } from "../../src/ports/lsof.ts";
import { parseNetstat, parseTask } from "../../src/ports/netstat.ts";
import { parseProcNet } from "../../src/ports/proc-net.ts";

const HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const rest = "00000000:00000000 00:00000000 00000000";

describe("/proc/net", () => {
  it.each([
    ["tcp", `0: 0100007F:0019 00000000:0000 0A ${rest} 0 0 1456 1 0`, "127.0.0.1", 25, "listening"],
    ["tcp", `0: 00000000:2729 00000000:0000 0A ${rest} 0 0 1456 1 0`, "0.0.0.0", 10_025, "listening"],
    ["tcp", `0: 0100007F:AE5A 0100007F:0019 01 ${rest} 0 0 1456 1 0`, "127.0.0.1", 44_634, "connected"],
    ["tcp", `0: 00000000000000000000000001000000:0019 0:0 0A ${rest} 0 0 1456 1 0`, "::1", 25, "listening"],
    ["tcp", `0: 00000000000000000000000000000000:0019 0:0 0A ${rest} 0 0 1456 1 0`, "::", 25, "listening"],
    [
      "tcp",
      `0: B80D01200000000000000000FF00FE02:0019 0:0 0A ${rest} 0 0 1456 1 0`,
      "2001:db8::2fe:ff",
      25,
      "listening",
    ],
    ["tcp", `0: 0000000000000000FFFF00000100007F:0019 0:0 0A ${rest} 0 0 1456 1 0`, "127.0.0.1", 25, "listening"],
    ["udp", `9: 3500007F:0035 00000000:0000 07 ${rest} 0 0 1456 2 0 0`, "127.0.0.53", 53, "listening"],
    ["udp", `9: 0100007F:B3AE 0100007F:0035 01 ${rest} 0 0 1456 2 0 0`, "127.0.0.1", 45_998, "connected"],
  ] as const)("%s: %s", (transport, line, address, port, state) => {
    expect(parseProcNet(`${HEADER}   ${line}\n`, transport, "LE")).toEqual([
      { transport, address, port, state, inode: 1456, uid: 0 },
    ]);
  });

  it.each([
    ["7F000001:0019", "127.0.0.1"],
    ["00000000000000000000000000000001:0019", "::1"],
    ["20010DB8000000000000000002FE00FF:0019", "2001:db8::2fe:ff"],
  ])("reads %s on a big-endian machine", (local, address) => {
    const [socket] = parseProcNet(`${HEADER}0: ${local} 0:0 0A ${rest} 0 0 1456 1 0\n`, "tcp", "BE");
    expect(socket?.address).toBe(address);
  });

  it("passes over what nobody has open: TIME_WAIT and connections not accepted yet", () => {
    const lines = [
      `0: 0100007F:0019 0100007F:AE5A 06 ${rest} 0 0 0 3 0`,
      `1: 0100007F:0019 0100007F:AE5C 03 ${rest} 0 0 0 1 0`,
    ];
    expect(parseProcNet(`${HEADER}${lines.join("\n")}\n`, "tcp", "LE")).toEqual([]);
  });

  it.each(["", HEADER, `${HEADER}garbage\n`, `${HEADER}0: zz:zz 0:0 0A a b c 0 0 1 1\n`])("survives %j", (text) => {
    expect(parseProcNet(text, "tcp", "LE")).toEqual([]);
  });
});

describe("lsof", () => {
  const recorded = `p321
cmDNSResponder
L_mdnsresponder
f6
tIPv4
PUDP
n*:5353
f7
tIPv6
PUDP
n*:5353
p501
ccom.docker.backend
Lalice
f120
tIPv6
PTCP
n*:5432
p777
cnode
Lalice
f22
tIPv4
PTCP
n127.0.0.1:8025
TST=LISTEN
TQR=0
TQS=0
f23
tIPv6
PTCP
n[::1]:8025
f24
tIPv4
PUDP
n127.0.0.1:45998->127.0.0.1:53
f25
tIPv4
PUDP
n*:*
`;

  it("is read field by field", () => {
    const seen = parseLsof(recorded).map(
      ({ pid, command, user, transport, address, port, state }) =>
        `${pid} ${command} ${user} ${transport} ${address} ${port} ${state}`,
    );
    expect(seen).toEqual([
      "321 mDNSResponder _mdnsresponder udp 0.0.0.0 5353 listening",
      "321 mDNSResponder _mdnsresponder udp :: 5353 listening",
      "501 com.docker.backend alice tcp :: 5432 listening",
      "777 node alice tcp 127.0.0.1 8025 listening",
      "777 node alice tcp ::1 8025 listening",
      "777 node alice udp 127.0.0.1 45998 connected",
    ]);
  });

  it("says nothing where it found nothing", () => {
    expect(parseLsof("")).toEqual([]);
  });
});

describe("netstat on Windows", () => {
  const english = `
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1044
  TCP    127.0.0.1:25           127.0.0.1:52101        ESTABLISHED     4711
  TCP    [::]:80                [::]:0                 LISTENING       4
  TCP    [::1]:10025            [::]:0                 LISTENING       4711
  UDP    0.0.0.0:5353           *:*                                    2020
  UDP    [fe80::1%12]:1900      *:*                                    3030
`;
  const german = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1044
  TCP    127.0.0.1:25           127.0.0.1:52101        HERGESTELLT     4711
  TCP    [::]:80                [::]:0                 ABHÖREN         4
  TCP    [::1]:10025            [::]:0                 ABHÖREN         4711
  UDP    0.0.0.0:5353           *:*                                    2020
  UDP    [fe80::1%12]:1900      *:*                                    3030
`;

  it.each([
    ["English", english],
    ["German", german],
  ])("is read in %s", (_, text) => {
    const seen = parseNetstat(text.replaceAll("\n", "\r\n")).map(
      ({ transport, address, port, state, pid }) => `${transport} ${address} ${port} ${state} ${pid}`,
    );
    expect(seen).toEqual([
      "tcp 0.0.0.0 135 listening 1044",
      "tcp 127.0.0.1 25 connected 4711",
      "tcp :: 80 listening 4",
      "tcp ::1 10025 listening 4711",
      "udp 0.0.0.0 5353 listening 2020",
      "udp fe80::1 1900 listening 3030",
    ]);
  });
});

describe("tasklist on Windows", () => {
  it.each([
    [
      '"node.exe","4711","Console","1","45,032 K","Running","LAB\\alice","0:00:01","N/A"\r\n',
      { command: "node.exe", user: "LAB\\alice" },
    ],
    ['"System","4","Services","0","144 K","Unknown","N/A","0:01:01","N/A"\r\n', { command: "System" }],
    ["INFO: No tasks are running which match the specified criteria.\r\n", undefined],
    ["", undefined],
  ])("%j", (text, task) => {
    expect(parseTask(text)).toEqual(task);
  });
});
