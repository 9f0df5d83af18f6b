import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

let harness: Harness<"dns">;
let port: string;

const SECRET = Buffer.from("thirty-two octets of a real test").toString("base64");
const OTHER = Buffer.from("thirty-two octets of another one").toString("base64");

beforeAll(async () => {
  const keys = { "test-key": SECRET };
  const zones = { "keyed.test": "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n@ NS ns\nns A 127.0.0.1\n" };
  harness = await start({ services: { dns: { keys, zones } }, host: "127.0.0.1" });
  port = String(harness.endpoint("dns").port);
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

const dig = async (...args: readonly string[]) =>
  (await succeed("dig", ["@127.0.0.1", "-p", port, "+tries=1", "+time=5", "+short", ...args])).stdout.trim();

witness(
  "nsupdate",
  () => {
    const nsupdate = (lines: readonly string[], ...args: readonly string[]) =>
      run("nsupdate", args, { input: [`server 127.0.0.1 ${port}`, ...lines, "send", ""].join("\n") });

    it.each([[[]], [["-v"]]])("adds and deletes records, with the flags %j", async (flags) => {
      const name = "_acme-challenge.www.example.test";
      const serial = async () => Number((await dig("example.test", "SOA")).split(" ")[2]);
      const before = await serial();
      expect(await nsupdate(["zone example.test", `add ${name} 60 TXT "to ken"`], ...flags)).toMatchObject({ code: 0 });
      expect(await dig(name, "TXT")).toBe('"to ken"');
      expect(
        await nsupdate([`del ${name} TXT "to ken"`, "add two.example.test 5 A 192.0.2.2"], ...flags),
      ).toMatchObject({
        code: 0,
      });
      expect(await dig(name, "TXT")).toBe("");
      expect(await dig("two.example.test", "A")).toBe("192.0.2.2");
      expect(await serial()).toBe(before + 2);
      const [first] = harness.journal.exchanges("dns").filter(({ request }) => request.opcode === "UPDATE");
      expect(first?.request).toMatchObject({
        transport: flags.length > 0 ? "tcp" : "udp",
        updates: [`${name}. 60 IN TXT "to ken"`],
      });
    });

    it.each([
      ["prereq nxdomain www.example.test", "YXDOMAIN"],
      ["prereq yxdomain nobody.example.test", "NXDOMAIN"],
      ["prereq nxrrset web.example.test A", "YXRRSET"],
      ["prereq yxrrset web.example.test TXT", "NXRRSET"],
      ["prereq yxrrset web.example.test A 127.0.0.2", "NXRRSET"],
      ["prereq yxdomain www.elsewhere.test", "NOTZONE"],
      ["zone elsewhere.test", "NOTAUTH"],
    ])("is told what does not hold: %s is %s", async (line, rcode) => {
      const zone = line.startsWith("zone") ? [] : ["zone example.test"];
      const { code, stderr } = await nsupdate([...zone, line, "add no.example.test 5 A 192.0.2.2"]);
      expect(stderr).toContain(`update failed: ${rcode}`);
      expect(code).toBe(2);
      expect(await dig("no.example.test", "A")).toBe("");
    });

    it("signs with a key", async () => {
      const add = (secret: string) =>
        nsupdate(["zone keyed.test", "add new.keyed.test 5 A 192.0.2.2"], "-y", `hmac-sha256:test-key:${secret}`);
      const refused = await add(OTHER);
      expect(refused.stderr).toMatch(/NOTAUTH|tsig/i);
      expect(await dig("new.keyed.test", "A")).toBe("");
      expect(await add(SECRET)).toMatchObject({ code: 0, stderr: "" });
      expect(await dig("new.keyed.test", "A")).toBe("192.0.2.2");
      const updates = harness.journal.exchanges("dns").filter(({ request }) => request.opcode === "UPDATE");
      expect(updates.map(({ request, reply }) => [request.key, reply.tsig])).toEqual([
        ["test-key", "BADSIG"],
        ["test-key", "NOERROR"],
      ]);
    });

    it("is told what holds", async () => {
      const prerequisites = ["yxdomain www.example.test", "nxdomain nobody.example.test", "yxrrset web.example.test A"];
      const lines = prerequisites.map((line) => `prereq ${line}`);
      expect(await nsupdate(["zone example.test", ...lines, "del web.example.test"])).toMatchObject({ code: 0 });
      expect(await dig("web.example.test", "AAAA")).toBe("");
    });
  },
  isInstalled("nsupdate", ["-V"]),
);

witness("dig", () => {
  const keyed = (secret: string, ...args: readonly string[]) =>
    run("dig", ["@127.0.0.1", "-p", port, "+tries=1", "+time=5", "-y", `hmac-sha256:test-key:${secret}`, ...args]);

  it.each([[["web.example.test", "A"]], [["+tcp", "web.example.test", "A"]], [["example.test", "AXFR"]]])(
    "with a key accepts the signed answer to %j",
    async (args) => {
      const { code, stdout, stderr } = await keyed(SECRET, ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/web\.example\.test\.\s+3600\s+IN\s+A\s+127\.0\.0\.1/);
      expect(stdout).toMatch(/TSIG\s+hmac-sha256\. \d+ 300 32 \S+ \d+ NOERROR 0/);
      expect(stdout).not.toMatch(/could not|couldn't|bad/i);
    },
  );

  it("with another secret is told BADSIG", async () => {
    const { stdout } = await keyed(OTHER, "web.example.test", "A");
    expect(stdout).toContain("status: NOTAUTH");
    expect(stdout).toMatch(/TSIG\s+hmac-sha256\. \d+ 300 0\s+\d+ BADSIG 0/);
  });
});

witness("kdig", () => {
  const keyed = (secret: string, ...args: readonly string[]) =>
    run("kdig", ["@127.0.0.1", "-p", port, "-y", `hmac-sha256:test-key:${secret}`, ...args]);

  it.each([[["web.example.test", "A"]], [["+tcp", "web.example.test", "A"]], [["example.test", "AXFR"]]])(
    "with a key accepts the signed answer to %j",
    async (args) => {
      const { code, stdout, stderr } = await keyed(SECRET, ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/web\.example\.test\.\s+3600\s+IN\s+A\s+127\.0\.0\.1/);
    },
  );

  it("with another secret does not", async () => {
    const { stdout, stderr } = await keyed(OTHER, "web.example.test", "A");
    expect(stdout + stderr).toMatch(/BADSIG|TSIG/);
  });
});
