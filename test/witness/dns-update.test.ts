import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

let harness: Harness<"dns">;
let port: string;

beforeAll(async () => {
  harness = await start({ services: ["dns"], host: "127.0.0.1" });
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

    it("is told what holds", async () => {
      const prerequisites = ["yxdomain www.example.test", "nxdomain nobody.example.test", "yxrrset web.example.test A"];
      const lines = prerequisites.map((line) => `prereq ${line}`);
      expect(await nsupdate(["zone example.test", ...lines, "del web.example.test"])).toMatchObject({ code: 0 });
      expect(await dig("web.example.test", "AAAA")).toBe("");
    });
  },
  isInstalled("nsupdate", ["-V"]),
);
