import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { toLatin1 } from "../../src/wire/bytes.ts";

const run = promisify(execFile);
const CLIENT_MS = 20_000;

const PYTHON = `
import io, sys
from ftplib import FTP, error_perm
ftp = FTP()
ftp.connect("127.0.0.1", int(sys.argv[1]), timeout=10)
ftp.login("alice", "wonderland")
ftp.storlines("STOR a.txt", io.BytesIO(b"one\\ntwo\\n"))
ftp.storbinary("APPE a.txt", io.BytesIO(b"three"))
ftp.storbinary("STOR a.txt", io.BytesIO(b"T"), rest=4)
lines = []
ftp.retrlines("RETR a.txt", lines.append)
print(lines, ftp.size("a.txt"))
print(ftp.nlst("pub"), ftp.nlst("*.html"))
print(sorted((name, facts["type"]) for name, facts in ftp.mlsd("/")))
print(ftp.mkd('say "hi"'), ftp.cwd('say "hi"'), ftp.pwd())
ftp.cwd("..")
ftp.rename("a.txt", "say \\"hi\\"/gr\\u00fc\\u00dfe.txt")
print(ftp.nlst('say "hi"'))
try:
    ftp.retrbinary("RETR nothing", print)
except error_perm as error:
    print(error)
for command in "RETR pub/1MiB.txt", "STOR half.bin":
    ftp.voidcmd("TYPE I")
    with ftp.transfercmd(command) as data:
        print(ftp.abort(), ftp.getresp())
print(ftp.quit())
`;

const PYTHON_OUTPUT = `['one', 'Two', 'three'] 15
['pub/1MiB.txt', 'pub/hello.txt'] ['index.html']
[('a.txt', 'file'), ('incoming', 'dir'), ('index.html', 'file'), ('pub', 'dir'), ('readme.txt', 'file')]
/say "hi" 250 Directory changed to /say "hi" /say "hi"
['say "hi"/grüße.txt']
550 No such file or directory.
426 Connection closed; transfer aborted. 226 ABOR: data connection closed.
426 Connection closed; transfer aborted. 226 ABOR: data connection closed.
221 Goodbye.
`;

const absent = (command: string) => spawnSync(command, ["--version"]).error !== undefined;

/** The files below a folder, by their paths, with their digests. */
function filesBelow(folder: string): { [path: string]: string } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((file) => join(file.parentPath, file.name))
      .map((path) => [path.slice(folder.length), createHash("sha256").update(readFileSync(path)).digest("hex")])
      .sort(),
  );
}

describe("ftp is understood by", () => {
  let harness: Harness<"ftp">;
  let port: string;
  let folder: string;

  beforeAll(async () => {
    harness = await start({ services: ["ftp"] });
    port = String(harness.endpoint("ftp").port);
  });
  afterAll(() => harness.stop());

  beforeEach(() => {
    harness.reset();
    folder = mkdtempSync(join(tmpdir(), "ftp-witness-"));
    return () => rmSync(folder, { recursive: true });
  });

  /** What a client prints; nothing of it is the machine's own configuration. */
  const client = async (command: string, args: readonly string[], input = "") => {
    const child = run(command, args, { timeout: CLIENT_MS, cwd: folder, env: { ...process.env, HOME: folder } });
    child.child.stdin?.end(input);
    return (await child).stdout;
  };
  const file = (path: string) => {
    const octets = harness.world.tree.read(path);
    return octets && toLatin1(octets);
  };

  it.skipIf(absent("curl"))(
    "curl",
    async () => {
      const curl = (...args: readonly string[]) => client("curl", ["-sS", ...args]);
      const url = `ftp://127.0.0.1:${port}`;
      expect(await curl(`${url}/pub/hello.txt`)).toBe("Hello from example.test.\n");
      expect(await curl(`ftp://[::1]:${port}/pub/hello.txt`)).toBe("Hello from example.test.\n");
      expect(await curl("--disable-epsv", `${url}/pub/1MiB.txt`)).toBe(file("/pub/1MiB.txt"));
      expect(await curl("--list-only", `${url}/pub/`)).toBe("1MiB.txt\nhello.txt\n");
      expect(await curl("--head", `${url}/pub/hello.txt`)).toContain("Content-Length: 25\r\n");
      expect(await curl("--range", "16-31", `${url}/pub/1MiB.txt`)).toBe("00000016 ......\n");
      expect(await curl("--ssl", `${url}/pub/hello.txt`), "AUTH is refused").toBe("Hello from example.test.\n");
      writeFileSync(join(folder, "up.txt"), "sent up");
      await curl("--ftp-create-dirs", "-u", "bob:builder", "-T", "up.txt", `${url}/a/b/`);
      expect(file("/a/b/up.txt")).toBe("sent up");
      await curl("-u", "bob:builder", "--append", "-T", "up.txt", `${url}/a/b/up.txt`);
      expect(file("/a/b/up.txt")).toBe("sent upsent up");
      await expect(curl("-u", "bob:wrong", `${url}/`)).rejects.toMatchObject({ code: 67 });
      await expect(curl("-T", "up.txt", `${url}/pub/`)).rejects.toMatchObject({ code: 25 });
      await expect(curl(`${url}/nothing`)).rejects.toMatchObject({ code: 78 });
    },
    CLIENT_MS,
  );

  it.skipIf(absent("wget"))(
    "wget",
    async () => {
      await client("wget", ["-q", "-r", "-nH", `ftp://127.0.0.1:${port}/`]);
      expect(Object.keys(filesBelow(folder))).toEqual([
        "/incoming/readme.txt",
        "/index.html",
        "/pub/1MiB.txt",
        "/pub/hello.txt",
        "/readme.txt",
      ]);
      expect(readFileSync(join(folder, "pub/1MiB.txt"), "latin1")).toBe(file("/pub/1MiB.txt"));
      await client("wget", ["-q", "-P", "some", `ftp://127.0.0.1:${port}/pub/h*.txt`]);
      expect(readdirSync(join(folder, "some"))).toEqual(["hello.txt"]);
    },
    CLIENT_MS,
  );

  it.skipIf(absent("lftp"))(
    "lftp",
    async () => {
      const lftp = (script: string) =>
        client("lftp", [
          "-u",
          "alice,wonderland",
          "-p",
          port,
          "-e",
          `set net:max-retries 1; ${script}; quit`,
          "127.0.0.1",
        ]);
      writeFileSync(join(folder, "up.txt"), "sent up");
      expect(await lftp("put up.txt -o pub/x; cat pub/x; mkdir d; mv pub/x d/y; cls d; rm -r d; cls -1")).toBe(
        "sent upd/y\nincoming/\nindex.html\npub/\nreadme.txt\n",
      );
      mkdirSync(join(folder, "down"));
      await lftp("mirror / down; mirror -R down /again");
      await lftp("mirror /again back");
      const down = filesBelow(join(folder, "down"));
      expect(Object.keys(down)).toHaveLength(5);
      expect(filesBelow(join(folder, "back"))).toEqual(down);
      expect(harness.world.tree.stat("/again/readme.txt")?.modified, "MFMT").toBe(Date.UTC(2026, 0, 1));
    },
    CLIENT_MS,
  );

  it.skipIf(absent("tnftp"))(
    "tnftp",
    async () => {
      writeFileSync(join(folder, "up.txt"), "sent up");
      const script = [
        ...[`open 127.0.0.1 ${port}`, "user alice wonderland", "prompt", "ls pub", "cd pub", "mget *.txt"],
        ...["put up.txt", "rename up.txt up2.txt", "size up2.txt", "mkdir d", "rmdir d", "quit"],
      ];
      const output = await client("tnftp", ["-n", "-v"], `${script.join("\n")}\n`);
      expect(output).toContain("-rw-r--r--   1 ftp      ftp               25 Jan  1  2026 hello.txt");
      expect(output).toMatch(/^up2.txt\t7$/m);
      expect(output).toContain("221 Goodbye.");
      expect(file("/pub/up2.txt")).toBe("sent up");
      expect(readFileSync(join(folder, "1MiB.txt"), "latin1")).toBe(file("/pub/1MiB.txt"));
    },
    CLIENT_MS,
  );

  it.skipIf(absent("python3"))(
    "Python's ftplib",
    async () => {
      expect(await client("python3", ["-c", PYTHON, port])).toBe(PYTHON_OUTPUT);
      expect(harness.world.tree.stat("/half.bin"), "an aborted upload leaves nothing").toBeUndefined();
      expect(harness.journal.find().filter((entry) => entry.kind === "note" && entry.event === "crash")).toEqual([]);
    },
    CLIENT_MS,
  );
});
