import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

const HELLO = "Hello from example.test.\n";
const MEBIBYTE = 1024 * 1024;
/** Octets that a transfer in ASCII would change. */
const BINARY = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256));

let harness: Harness<"ftp" | "http">;
let port: string;
let url: string;
let folder: string;

beforeAll(async () => {
  harness = await start({ services: ["ftp", "http"] });
  port = String(harness.endpoint("ftp").port);
  url = `ftp://127.0.0.1:${port}`;
});
beforeEach(() => {
  harness.reset();
  folder = mkdtempSync(join(tmpdir(), "ftp-witness-"));
  writeFileSync(join(folder, "binary"), BINARY);
  return () => rmSync(folder, { recursive: true });
});
afterAll(() => harness.stop());

const stored = (path: string) => Buffer.from(harness.world.tree.read(path) ?? "nothing is there");
const saved = (path: string) => readFileSync(join(folder, path));
const big = () => stored("/pub/1MiB.txt");
const commands = () => harness.journal.exchanges("ftp").map(({ request }) => request.command);

/** What HTTP serves of it. */
async function served(path: string): Promise<Buffer> {
  const answer = await fetch(`http://127.0.0.1:${harness.endpoint("http").port}${path}`);
  return Buffer.from(await answer.arrayBuffer());
}

witness("curl", () => {
  const curl = (...args: readonly string[]) => succeed("curl", ["-sS", ...args], { cwd: folder });
  const ALICE = ["-u", "alice:wonderland"];

  it.each([
    ["over EPSV", []],
    ["over PASV", ["--disable-epsv"]],
    ["in one step", ["--ftp-method", "nocwd"]],
    ["from directory to directory", ["--ftp-method", "multicwd"]],
  ])("gets 1 MiB %s", async (_, args) => {
    expect((await curl(...args, `${url}/pub/1MiB.txt`)).octets.equals(big())).toBe(true);
  });

  it("gets over IPv6", async () => {
    const { stdout } = await curl("-g", `ftp://[::1]:${port}/pub/hello.txt`);
    expect(stdout).toBe(HELLO);
    expect(commands()).toContain("EPSV");
  });

  it("stores a file, octet for octet, and HTTP serves it", async () => {
    await curl(...ALICE, "-T", "binary", `${url}/incoming/`);
    expect(stored("/incoming/binary").equals(BINARY)).toBe(true);
    expect((await served("/incoming/binary")).equals(BINARY)).toBe(true);
    expect((await curl(`${url}/incoming/binary`)).octets.equals(BINARY)).toBe(true);
  });

  it("converts line ends in TYPE A", async () => {
    expect((await curl("-B", `${url}/pub/hello.txt`)).stdout).toBe(HELLO);
    const sent = harness.journal.find({ service: "ftp", kind: "sent", text: "Hello from example.test.\r\n" });
    expect(sent).toMatchObject([{ channel: expect.stringMatching(/^data/) }]);
  });

  it("lists a directory, and its names alone", async () => {
    const { stdout } = await curl(`${url}/pub/`);
    expect(stdout).toMatch(/^-rw-r--r-- .* 1048576 .* 1MiB\.txt\r?$/m);
    expect((await curl("-l", `${url}/pub/`)).stdout.split(/\r?\n/)).toEqual(["1MiB.txt", "hello.txt", ""]);
    expect((await curl("-X", "MLSD", `${url}/pub/`)).stdout).toMatch(/type=file;.*size=25;.* hello\.txt\r?\n/);
  });

  it("goes on where a download and an upload were cut off", async () => {
    writeFileSync(join(folder, "part"), big().subarray(0, 700_001));
    await curl("-C", "-", "-o", "part", `${url}/pub/1MiB.txt`);
    expect(saved("part").equals(big())).toBe(true);
    harness.world.file("/incoming/part", BINARY.subarray(0, 4321));
    await curl(...ALICE, "-C", "-", "-T", "binary", `${url}/incoming/part`);
    expect(stored("/incoming/part").equals(BINARY)).toBe(true);
  });

  it("gets a range", async () => {
    expect((await curl("-r", "1600-1631", `${url}/pub/1MiB.txt`)).stdout).toBe("00001600 ......\n00001616 ......\n");
  });

  it("makes the directories on the way", async () => {
    await curl(...ALICE, "--ftp-create-dirs", "-T", "binary", `${url}/new/and/deep/file`);
    expect(stored("/new/and/deep/file").equals(BINARY)).toBe(true);
  });

  it("gives commands before and after", async () => {
    harness.world.file("/incoming/old", "old");
    const quotes = ["-Q", "RNFR /incoming/old", "-Q", "RNTO /incoming/new", "-Q", "-DELE /incoming/new"];
    await curl(...ALICE, ...quotes, `${url}/incoming/new`);
    expect(harness.world.tree.stat("/incoming/new")).toBeUndefined();
    expect(harness.world.tree.stat("/incoming/old")).toBeUndefined();
  });

  it("asks for size and date alone", async () => {
    const { stdout } = await curl("-I", `${url}/pub/1MiB.txt`);
    expect(stdout).toContain("Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 1048576\r\n");
  });

  it.each([
    ["a file that is missing", 78, ["/pub/none"]],
    ["a directory that is missing", 9, ["/none/none"]],
    ["a wrong password", 67, ["-u", "alice:wrong", "/"]],
    ["TLS that it demands", 64, ["--ssl-reqd", "/"]],
    ["an active data connection", 30, ["-P", "127.0.0.1", "/pub/hello.txt"]],
  ])("tells %s by its exit code", async (_, code, args) => {
    const all = ["-sS", ...args.map((arg) => (arg.startsWith("/") ? url + arg : arg))];
    expect((await run("curl", all)).code).toBe(code);
    expect((await curl(`${url}/pub/hello.txt`)).stdout).toBe(HELLO);
  });
});

witness("lftp", () => {
  const lftp = (script: string, user = "alice,wonderland") =>
    succeed("lftp", ["-e", `set net:max-retries 1; ${script}; bye`, "-u", user, url], { cwd: folder });

  it("mirrors a tree down and up", async () => {
    for (const [path, text] of [
      ["a.txt", "a"],
      ["deep/b c.txt", "b"],
      ["deep/er/ü", "c"],
    ] as const) {
      harness.world.file(`/tree/${path}`, text);
    }
    harness.world.tree.makeDirectory("/tree/empty", Date.UTC(2026, 0, 1));
    await lftp("mirror /tree down");
    expect(readdirSync(join(folder, "down"), { recursive: true }).sort()).toEqual(
      ["a.txt", "deep", "deep/b c.txt", "deep/er", "deep/er/ü", "empty"].sort(),
    );
    expect(saved("down/deep/b c.txt").toString()).toBe("b");
    await lftp("mirror -R down /up");
    const names = (path: string) => harness.world.tree.list(path)?.map(({ name }) => name);
    expect([names("/up"), names("/up/deep"), names("/up/deep/er"), names("/up/empty")]).toEqual([
      ["a.txt", "deep", "empty"],
      ["b c.txt", "er"],
      ["ü"],
      [],
    ]);
  });

  it("mirrors with several connections at once, and finds nothing to do the second time", async () => {
    for (let n = 0; n < 20; n += 1) harness.world.file(`/many/${n}`, String(n));
    await lftp("mirror --parallel=4 /many many");
    expect(readdirSync(join(folder, "many"))).toHaveLength(20);
    expect(harness.journal.exchanges("ftp", { command: "RETR" })).toHaveLength(20);
    await lftp("mirror --parallel=4 /many many");
    expect(harness.journal.exchanges("ftp", { command: "RETR" })).toHaveLength(20);
  });

  it("puts, gets in pieces, renames and removes", async () => {
    await lftp("cd /incoming; put binary; pget -n 3 binary -o again; mv binary moved; mkdir d; rmdir d; rm moved");
    expect(saved("again").equals(BINARY)).toBe(true);
    expect(harness.world.tree.list("/incoming")?.map(({ name }) => name)).toEqual(["readme.txt"]);
  });

  it("lists, prints, and goes without MLSD, EPSV and FEAT when told to", async () => {
    const { stdout } = await lftp("cls -l /pub; cat /pub/hello.txt", "anonymous,me@");
    expect(stdout).toMatch(/hello\.txt\nHello from example\.test\.\n$/);
    const plain = await lftp("set ftp:use-feat no; set ftp:prefer-epsv no; set ftp:use-mlsd no; ls /pub");
    expect(plain.stdout).toMatch(/^-rw.* 1MiB\.txt\n-rw.* hello\.txt\n$/);
  });
});

const PYTHON = `
import ftplib, io, json, sys
port = int(sys.argv[1])
said = {}
def octets(ftp, path, **more):
    parts = []
    ftp.retrbinary("RETR " + path, parts.append, **more)
    return b"".join(parts)
with ftplib.FTP() as ftp:
    ftp.connect("127.0.0.1", port)
    said["welcome"] = ftp.getwelcome()[:4]
    ftp.login("alice", "wonderland")
    said["pwd"] = ftp.pwd()
    ftp.mkd("/work")
    ftp.cwd("/work")
    binary = bytes(range(256)) * 4096
    ftp.storbinary("STOR binary", io.BytesIO(binary))
    ftp.storbinary("APPE binary", io.BytesIO(b"tail"))
    said["size"] = ftp.size("binary")
    said["same"] = octets(ftp, "binary") == binary + b"tail"
    said["rest"] = octets(ftp, "binary", rest=len(binary)).decode()
    ftp.storlines("STOR lines", io.BytesIO(b"one\\ntwo\\n"))
    lines = []
    ftp.retrlines("RETR lines", lines.append)
    said["lines"] = lines
    ftp.rename("lines", "zeilen ü")
    said["nlst"] = ftp.nlst()
    said["mlsd"] = [[name, facts["type"], facts.get("size")] for name, facts in ftp.mlsd()]
    listing = []
    ftp.dir(listing.append)
    said["dir"] = len(listing)
    said["mdtm"] = ftp.sendcmd("MDTM /pub/hello.txt")
    said["missing"] = []
    for attempt in [lambda: ftp.cwd("/none"), lambda: ftp.delete("none"), lambda: ftp.rmd("/work")]:
        try:
            attempt()
        except ftplib.error_perm as error:
            said["missing"].append(str(error)[:3])
    for name in ftp.nlst():
        ftp.delete(name)
    ftp.cwd("..")
    ftp.rmd("work")
    ftp.set_pasv(True)
    with ftp.transfercmd("RETR /pub/1MiB.txt") as data:
        data.recv(1000)
    said["cut off"] = ftp.getmultiline()[:3]
    said["quit"] = ftp.quit()[:3]
try:
    secure = ftplib.FTP_TLS()
    secure.connect("127.0.0.1", port)
    secure.login("alice", "wonderland")
except ftplib.error_perm as error:
    said["tls"] = str(error)[:3]
with ftplib.FTP() as six:
    six.connect("::1", port)
    six.login()
    said["six"] = octets(six, "pub/hello.txt").decode()
print(json.dumps(said))
`;

witness("python3", () => {
  it("does with ftplib all that ftplib can do", async () => {
    const { stdout } = await succeed("python3", ["-c", PYTHON, port]);
    expect(JSON.parse(stdout)).toEqual({
      welcome: "220 ",
      pwd: "/",
      size: MEBIBYTE + 4,
      same: true,
      rest: "tail",
      lines: ["one", "two"],
      nlst: ["binary", "zeilen ü"],
      mlsd: [
        ["binary", "file", String(MEBIBYTE + 4)],
        ["zeilen ü", "file", "8"],
      ],
      dir: 2,
      mdtm: "213 20260101000000",
      missing: ["550", "550", "550"],
      "cut off": expect.stringMatching(/^(226|426)$/),
      quit: "221",
      tls: "502",
      six: HELLO,
    });
    expect(harness.world.tree.stat("/work")).toBeUndefined();
  });
});

witness("wget", () => {
  const wget = (...args: readonly string[]) => succeed("wget", ["-nv", ...args], { cwd: folder });

  it("fetches a file, goes on with one, and fetches a tree", async () => {
    await wget(`${url}/pub/1MiB.txt`);
    expect(saved("1MiB.txt").equals(big())).toBe(true);
    writeFileSync(join(folder, "1MiB.txt"), big().subarray(0, 99));
    await wget("-c", `${url}/pub/1MiB.txt`);
    expect(saved("1MiB.txt").equals(big())).toBe(true);
    harness.world.file("/tree/deep/file", "deep");
    await wget("-r", "-nH", "--user=alice", "--password=wonderland", `${url}/tree/`);
    expect(saved("tree/deep/file").toString()).toBe("deep");
  });
});

witness(
  "tnftp",
  () => {
    it("logs in, puts, gets, lists and leaves", async () => {
      mkdirSync(join(folder, "sub"));
      const script = ["user alice wonderland", "binary", "cd /incoming", "put binary", "ls", "get binary sub/again"];
      const input = [...script, "rename binary moved", "size moved", "delete moved", "quit", ""].join("\n");
      const { stdout } = await succeed("tnftp", ["-nv", "127.0.0.1", port], { input, cwd: folder });
      expect(stdout).toMatch(/^-rw.* 100000 .* binary\r?$/m);
      expect(stdout).toMatch(/^moved\t100000$|^213 100000$/m);
      expect(saved("sub/again").equals(BINARY)).toBe(true);
      expect(harness.world.tree.stat("/incoming/moved")).toBeUndefined();
    });

    it("fetches by URL", async () => {
      await succeed("tnftp", ["-o", "hello", `${url}/pub/hello.txt`], { cwd: folder });
      expect(saved("hello").toString()).toBe(HELLO);
    });
  },
  isInstalled("tnftp", ["-?"]),
);

witness("ncftpput", () => {
  const LOGIN = ["-u", "alice", "-p", "wonderland", "-P"];

  it("puts a tree, and ncftpget gets it", async () => {
    mkdirSync(join(folder, "tree"));
    writeFileSync(join(folder, "tree/binary"), BINARY);
    await succeed("ncftpput", [...LOGIN, port, "-R", "127.0.0.1", "/incoming", "tree"], { cwd: folder });
    expect(stored("/incoming/tree/binary").equals(BINARY)).toBe(true);
    await succeed("ncftpget", [...LOGIN, port, "127.0.0.1", ".", "/incoming/tree/binary"], { cwd: folder });
    expect(saved("binary").equals(BINARY)).toBe(true);
    const { stdout } = await succeed("ncftpls", [`${url}/pub/`], { cwd: folder });
    expect(stdout).toMatch(/^1MiB\.txt\s+hello\.txt\n$/);
  });
});
