import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dns } from "../../services/dns/index.ts";
import { hold } from "../ports/holder.ts";
import { TestSocket } from "../session/tcp-fixture.ts";
import { bundle, runToEnd } from "./process.ts";

/** util-linux, which runs a command on a terminal of its own. */
const SCRIPT = "/usr/bin/script";
const hasTerminal = process.platform === "linux" && existsSync(SCRIPT);

let built: Awaited<ReturnType<typeof bundle>>;
const folder = mkdtempSync(join(tmpdir(), "portwright-terminal-"));
beforeAll(async () => {
  built = await bundle("terminal");
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

const ESCAPE = "\u001b[";

/** A command line on a terminal, with what a person would see and type. */
class Terminal implements AsyncDisposable {
  readonly #child;
  screen = "";

  constructor(args: readonly string[], env: { readonly [name: string]: string | undefined } = {}) {
    // A shell that stayed would take the Ctrl-C for itself too.
    const command = `exec ${[process.execPath, built.cli, ...args].map((word) => `'${word}'`).join(" ")}`;
    const clean = {
      ...process.env,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      CI: undefined,
      TERM: "xterm-256color",
      ...env,
    };
    this.#child = spawn(SCRIPT, ["-qfec", command, "/dev/null"], {
      cwd: folder,
      env: clean,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout.on("data", (text) => {
      this.screen += text;
    });
  }

  /** The screen without colours. */
  get text(): string {
    return this.screen.replaceAll(/\u001b\[[\d;]*m/g, "").replaceAll("\r\n", "\n");
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match;
      if (this.#child.exitCode !== null) throw new Error(`it ended:\n${this.text}`);
      await Promise.race([once(this.#child.stdout, "data"), once(this.#child, "close")]);
    }
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "close");
    }
  }
}

describe.skipIf(!hasTerminal)("on a terminal", () => {
  it("up shows a table with a command to try, each exchange, and ends at Ctrl-C", async () => {
    await using terminal = new Terminal(["up", "echo", "smtp", "--ports", "ephemeral"]);
    await terminal.until(/Ready\. Ctrl-C stops\.\n/);
    expect(terminal.text).toMatch(/│ service │ IANA +│ listens on +│ try/);
    expect(terminal.text).toMatch(/│ smtp +│ 25\/tcp +│ 127\.0\.0\.1:\d+ +│ swaks -s 127\.0\.0\.1 -p \d+ /);
    expect(terminal.text).toMatch(/│ echo +│ 7\/udp +│ 127\.0\.0\.1:\d+ +│ .*nc -u/);
    const [, port] = /echo +│ 7\/tcp +│ 127\.0\.0\.1:(\d+)/.exec(terminal.text) ?? [];
    const client = await TestSocket.connect("127.0.0.1", Number(port));
    client.socket.end("hello\u001b[31m\u0007");
    await client.ended();
    await terminal.until(/echo #1 127\.0\.0\.1:\d+ closed by peer\n/);
    expect(terminal.text).toMatch(/\[\d\d:\d\d:\d\d\.\d{3}\]: echo #1 127\.0\.0\.1:\d+ connected\n/);
    expect(terminal.text).toMatch(/echo #1 127\.0\.0\.1:\d+ 11 data=\(11 octets\) -> 11/);
    terminal.type("\u0003");
    expect(await terminal.ended()).toBe(0);
    expect(terminal.text).toMatch(/Stopping\.\nStopped\.\n$/);
  });

  it("up shows what dns is asked in dig's words", async () => {
    await using terminal = new Terminal(["up", "dns", "--ports", "ephemeral"]);
    await terminal.until(/Ready/);
    const [, port] = /dns +│ 53\/udp +│ 127\.0\.0\.1:(\d+)/.exec(terminal.text) ?? [];
    const client = createSocket("udp4");
    client.send(dns.notation?.read("web.example.test A +edns=1232") as Uint8Array, Number(port), "127.0.0.1");
    await terminal.until(
      /dns udp 127\.0\.0\.1:\d+ web\.example\.test\. IN A -> NOERROR, flags: aa, ANSWER: 1: web\.example\.test\. 3600 IN A 127\.0\.0\.1\n/,
    );
    client.close();
  });

  it("up tells of sessions that are still there, and ends them at the second Ctrl-C", async () => {
    await using terminal = new Terminal(["up", "smtp", "--ports", "ephemeral"]);
    const [, port] = await terminal.until(/127\.0\.0\.1:(\d+)/);
    const client = await TestSocket.connect("127.0.0.1", Number(port));
    await terminal.until(/connected/);
    terminal.type("\u0003");
    await terminal.until(/Stopping: 1 session\(s\) are told goodbye; Ctrl-C again ends them now\./);
    terminal.type("\u0003");
    expect(await terminal.ended()).toBe(130);
    client.socket.destroy();
  });

  it("up calls nothing ready when nothing is", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    await using terminal = new Terminal(["up", `smtp:${holder.port}`, "--host", "127.0.0.1"]);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.text).toContain("smtp cannot listen on 127.0.0.1:");
    expect(terminal.text).not.toContain("Ready");
  });

  it("what a peer sends cannot paint, ring or move the cursor", async () => {
    await using terminal = new Terminal(["up", "smtp", "--ports", "ephemeral"], { NO_COLOR: "1" });
    const [, port] = await terminal.until(/127\.0\.0\.1:(\d+)/);
    await terminal.until(/Ready/);
    const client = await TestSocket.connect("127.0.0.1", Number(port));
    client.socket.write("EHLO \u001b[2J\u0007\u009b31mx\r\nVRFY a\u001b]0;title\u0007\r\nQUIT\r\n", "latin1");
    await client.ended();
    client.socket.end();
    await terminal.until(/closed by/);
    expect(terminal.text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it.each<[string, { readonly [name: string]: string | undefined }, boolean]>([
    ["colours", {}, true],
    ["none with NO_COLOR", { NO_COLOR: "1" }, false],
    ["none on a dumb terminal", { TERM: "dumb" }, false],
  ])("there are %s", async (_, env, colored) => {
    for (const args of [
      ["up", "echo", "--ports", "ephemeral", "--for", "1ms"],
      ["ports", "echo"],
    ]) {
      await using terminal = new Terminal(args, env);
      expect(await terminal.ended()).toBe(0);
      expect(terminal.screen.includes(ESCAPE)).toBe(colored);
    }
  });

  it("up tells in red what failed, who has the port and what to type", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    await using terminal = new Terminal(["up", `echo:${holder.port}`, "--for", "1ms"]);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.text).toContain(`127.0.0.1:${holder.port} failed`);
    expect(terminal.text).toMatch(
      new RegExp(`\\necho cannot listen on 127\\.0\\.0\\.1:${holder.port} \\(tcp\\): .*${holder.pid}.*\\n`),
    );
    expect(terminal.text).toMatch(/\n {4}portwright up echo:\d+\n/);
    expect(terminal.screen).toContain(`${ESCAPE}31m`);
  });
});

describe("not on a terminal", () => {
  it.each([[["up", "echo", "--no-json", "--ports", "ephemeral", "--for", "1ms"]], [["ports", "echo", "--no-json"]]])(
    "%j has no colours, whatever FORCE_COLOR says",
    async (args) => {
      const { stdout, exitCode } = await runToEnd(process.execPath, [built.cli, ...args], {
        cwd: folder,
        env: { FORCE_COLOR: "3" },
      });
      expect(exitCode).toBe(0);
      expect(stdout).toContain("│ echo");
      expect(stdout).not.toContain(ESCAPE);
    },
  );
});
