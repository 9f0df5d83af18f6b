import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import { run, SLOW, succeed, witness } from "./clients.ts";

let harness: RunningHarness<readonly ["ftp"]>;
let url: string;
let folder: string;

beforeAll(async () => {
  harness = await start({ services: ["ftp"], host: "127.0.0.1", triggers: true });
  url = `ftp://127.0.0.1:${harness.ftp.port}`;
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ftp-faults-"));
  return () => {
    rmSync(folder, { recursive: true });
    harness.reset();
  };
});
afterAll(() => harness.stop({ graceMs: 0 }));

type Rule = Parameters<typeof harness.ftp.stub>[0];
const rule = (command: string, reply: NonNullable<Rule["reply"]>, more: Partial<Rule> = {}): Rule => ({
  when: { command },
  reply,
  ...more,
});
const greeting = (reply: NonNullable<Rule["reply"]>): Rule => ({ when: { phase: "greeting" }, reply });
const said = () => harness.journal.exchanges("ftp").map(({ request, reply }) => `${request.command} ${reply.code}`);
const HELLO = "Hello from example.test.\n";
const BIG = () => Buffer.from(harness.world.tree.read("/pub/1MiB.txt") ?? "");

witness("curl", () => {
  const HELLO_URL = "/pub/hello.txt";
  const UPLOAD = ["-u", "alice:wonderland", "-T", import.meta.filename];

  it.each<[what: string, code: number, message: string, rules: readonly Rule[], args: readonly string[]]>([
    ["a closed port", 7, "Failed to connect", [{ fault: "refuse" }], [HELLO_URL]],
    ["421 as a greeting", 28, "Timeout was reached", [greeting(421)], [HELLO_URL]],
    ["a refused password", 67, "Access denied: 530", [rule("PASS", 530)], [HELLO_URL]],
    ["332 without an account", 67, "ACCT requested but none available", [rule("PASS", 332)], [HELLO_URL]],
    ["a 227 that is none", 14, "227-response", [rule("PASV", "227 (127,0,0,1)")], ["--disable-epsv", HELLO_URL]],
    ["a 229 that is none", 13, "Weirdly formatted EPSV reply", [rule("EPSV", "229 here")], [HELLO_URL]],
    ["a SIZE that lies", 18, "974 bytes remaining", [rule("SIZE", "213 999")], [HELLO_URL]],
    ["a file that is not there", 78, "does not exist", [], ["/fault/550/x"]],
    ["a busy file", 19, "RETR response: 450", [], ["/fault/450/x"]],
    ["426 in the midst", 18, "64536 bytes remaining", [], ["/fault/426/x"]],
    ["RST in the midst", 56, "Connection reset by peer", [], ["/fault/reset/x"]],
    ["a short file with 226", 18, "65036 bytes remaining", [], ["/fault/short-500/x"]],
    ["data that stall", 28, "with 700 out of 65536 bytes", [], ["--max-time", "1", "/fault/stall-700/x"]],
    ["a 226 that never comes", 28, "response timeout", [], ["--max-time", "1", "/fault/never/x"]],
    ["FIN in place of 150", 56, "response reading failed", [], ["/fault/close/x"]],
    ["a full disk", 70, "Exceeded storage allocation", [], [...UPLOAD, "/fault/552/x"]],
    ["a disk that fills", 18, "got 452", [rule("STOR", { code: 452, after: 1000 })], [...UPLOAD, "/x"]],
    ["a name that is not allowed", 25, "Failed FTP upload: 553", [rule("STOR", 553)], [...UPLOAD, "/x"]],
    ["a listing that breaks off", 18, "got 426", [], ["/fault/426/"]],
    ["a user who may not come in", 67, "Access denied: 530", [], ["-u", "530@fault.test:x", HELLO_URL]],
  ])("tells of %s by exit code %i", SLOW, async (_, code, message, rules, args) => {
    for (const one of rules) harness.ftp.stub(one);
    const all = args.map((arg) => (arg.startsWith("/") && arg !== UPLOAD[3] ? url + arg : arg));
    const { code: exit, stderr } = await run("curl", ["-sS", "-o", join(folder, "out"), ...all]);
    expect(stderr).toContain(message);
    expect(exit).toBe(code);
    expect(harness.world.tree.stat("/x")).toBeUndefined();
    harness.reset();
    await harness.ftp.ready();
  });

  it.each<[what: string, rule: Rule, then: string]>([
    ["EPSV is not understood", rule("EPSV", 500), "PASV 227"],
    ["EPSV's port is closed", rule("EPSV", { port: "closed" }), "PASV 227"],
    ["PASS wants ACCT", rule("PASS", 332), "ACCT 230"],
    ["nobody asks for a login", greeting(230), "PWD 257"],
    ["227 lies about the address", rule("PASV", { address: "10.0.0.1" }), "EPSV 229"],
    ["150 is 125", rule("RETR", 125), "RETR 226"],
    ["226 comes before the data", rule("RETR", { final: "early" }), "RETR 226"],
    ["PWD is malformed", rule("PWD", "257 /home"), "PWD 257"],
    [
      "the greeting is long",
      greeting({ text: ["Welcome.", ..."x".repeat(200), "530 says this line", "Ready."] }),
      "PWD 257",
    ],
    ["150 tells no size", rule("RETR", { size: "none" }), "RETR 226"],
  ])("gets the file although %s", async (_, one, then) => {
    harness.ftp.stub(one);
    expect((await succeed("curl", ["-sS", "--ftp-account", "a", `${url}/pub/hello.txt`])).stdout).toBe(HELLO);
    expect(said()).toContain(then);
  });
});

witness("lftp", () => {
  const lftp = (script: string) => {
    const settings = "set net:max-retries 3; set net:reconnect-interval-base 0; set net:timeout 5";
    return run("lftp", ["-e", `${settings}; ${script}; bye`, "-u", "alice,wonderland", url], { cwd: folder });
  };

  it.each<[what: string, rule: Rule, again: string]>([
    ["421", rule("RETR", 421, { times: 1 }), "USER 331"],
    ["426 in the midst", rule("RETR", { code: 426, after: 100_000 }, { times: 1 }), "REST 350"],
    [
      "an RST in the midst",
      { when: { command: "RETR" }, fault: { reset: { after: 5000 }, on: "data" }, times: 1 },
      "REST 350",
    ],
    ["a lost control connection", { when: { command: "RETR" }, fault: "reset", times: 1 }, "USER 331"],
  ])("gets over %s", SLOW, async (_, one, again) => {
    const made = harness.ftp.stub(one);
    const { code, stderr } = await lftp("get /pub/1MiB.txt");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(made.count).toBe(1);
    expect(readFileSync(join(folder, "1MiB.txt")).equals(BIG())).toBe(true);
    const retry = said().findIndex((line) => line.startsWith("RETR"));
    expect(said().slice(retry)).toContain(again);
  });

  it.each<[format: string, listing: string[]]>([
    ["DOS", ["01-01-26  12:00AM       <DIR>          dir", "01-01-26  12:00AM                   25 a file.txt"]],
    ["EPLF", ["+i8388621.29609,m824255902,/,\tdir", "+i8388621.44468,m839956783,r,s25,\ta file.txt"]],
    ["Unix", ["total 2", "drwxr-xr-x 1 a b 0 Jan  1  2026 dir", "-rw-r--r-- 1 a b 25 Jan  1 00:00 a file.txt"]],
  ])("reads a listing of %s", SLOW, async (_, listing) => {
    harness.ftp.stub(rule("LIST", { listing }));
    const { stdout } = await lftp("set ftp:use-mlsd no; cls -1 -F /");
    expect(stdout).toBe("/a file.txt\n/dir/\n");
  });

  it("goes without features that are not understood", SLOW, async () => {
    harness.ftp.stub(rule("FEAT", 500));
    expect((await lftp("cls -1 /pub")).stdout).toBe("/pub/1MiB.txt\n/pub/hello.txt\n");
    expect(said()).not.toContain("OPTS 200");
  });
});

witness("wget", () => {
  it.each<[what: string, code: number, rule: Rule]>([
    ["a refused password", 6, rule("PASS", 530)],
    ["a file that is not there", 8, rule("RETR", 550)],
    ["a busy file", 4, rule("RETR", 450)],
  ])("tells of %s by exit code %i", SLOW, async (_, code, one) => {
    harness.ftp.stub(one);
    const args = ["-q", "-O", join(folder, "out"), "--tries=1", `${url}/pub/hello.txt`];
    expect((await run("wget", args)).code).toBe(code);
  });
});

const PYTHON = `
import ftplib, json, sys
port = int(sys.argv[1])
def attempt(path, act):
    ftp = ftplib.FTP(timeout=10)
    try:
        ftp.connect("127.0.0.1", port)
        ftp.login(*path)
        return act(ftp)
    except (ftplib.Error, OSError, EOFError) as error:
        return f"{type(error).__name__} {error}"
    finally:
        ftp.close()
def download(path):
    def act(ftp):
        parts = []
        reply = ftp.retrbinary("RETR " + path, parts.append)
        return f"{len(b''.join(parts))} {reply}"
    return act
alice = ("alice", "wonderland")
said = [
    attempt(("530@fault.test", "x"), lambda ftp: "in"),
    attempt(("230@fault.test", ""), lambda ftp: ftp.pwd()),
    attempt(alice, download("/fault/550/x")),
    attempt(alice, download("/fault/450/x")),
    attempt(alice, download("/fault/426/x")),
    attempt(alice, download("/fault/short/x")),
    attempt(alice, download("/fault/empty/x")),
    attempt(alice, download("/fault/reset/x")),
    attempt(alice, download("/fault/close/x")),
    attempt(alice, lambda ftp: ftp.storbinary("STOR /fault/552/x", open(sys.executable, "rb"))),
    attempt(alice, lambda ftp: ftp.size("/fault/short/x")),
    attempt(alice, lambda ftp: ftp.delete("/fault/553/x")),
]
print(json.dumps(said))
`;

witness("python3", () => {
  it("meets every trigger as ftplib's own error", SLOW, async () => {
    const { stdout } = await succeed("python3", ["-c", PYTHON, String(harness.ftp.port)]);
    expect(JSON.parse(stdout)).toEqual([
      "error_perm 530 Not logged in.",
      "/",
      "error_perm 550 Requested action not taken: file unavailable.",
      "error_temp 450 Requested file action not taken: file busy.",
      "error_temp 426 Connection closed; transfer aborted.",
      "1000 226 Transfer complete.",
      "0 226 Transfer complete.",
      expect.stringMatching(/^ConnectionResetError /),
      "EOFError ",
      "error_perm 552 Requested file action aborted: exceeded storage allocation.",
      65_536,
      "error_perm 553 Requested action not taken: file name not allowed.",
    ]);
  });

  it("meets a greeting that is not ready, malformed places and listings", SLOW, async () => {
    const script = `
import ftplib, json, sys
def attempt(act):
    try:
        with ftplib.FTP(timeout=10) as ftp:
            ftp.connect("127.0.0.1", int(sys.argv[1]))
            ftp.login()
            return act(ftp)
    except (ftplib.Error, OSError, UnicodeDecodeError) as error:
        return f"{type(error).__name__} {error}"
print(json.dumps([attempt(lambda ftp: ftp.nlst()), attempt(lambda ftp: [name for name, _ in ftp.mlsd()])]))
`;
    const meet = async (rules: readonly Rule[]) => {
      harness.reset();
      for (const one of rules) harness.ftp.stub(one);
      return JSON.parse((await succeed("python3", ["-c", script, String(harness.ftp.port)])).stdout);
    };
    // It takes 120 for the greeting, and from there on each reply for the one to the next command.
    const astray = "error_perm 530 Please login with USER and PASS.";
    expect(await meet([greeting({ code: 120, final: "50ms" })])).toEqual([astray, astray]);
    expect(await meet([rule("PASV", "227 nowhere")])).toEqual(["error_proto 227 nowhere", "error_proto 227 nowhere"]);
    const latin1 = Buffer.from("gr\xfc\xdfe\r\n", "latin1");
    expect(await meet([rule("NLST", { listing: latin1 }), rule("MLSD", 500)])).toEqual([
      expect.stringMatching(/^UnicodeDecodeError /),
      "error_perm 500 Syntax error, command unrecognized.",
    ]);
    expect(await meet([rule("NLST", { listing: "" }), rule("MLSD", { listing: "type=file; a b " })])).toEqual([
      [],
      ["a b "],
    ]);
  });
});
