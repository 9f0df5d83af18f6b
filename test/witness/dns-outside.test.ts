import { afterAll, beforeAll, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { succeed, witness } from "./clients.ts";

let harness: Harness<"dns">;

beforeAll(async () => {
  harness = await start({ services: { dns: { outside: "synthetic" } } });
});
afterAll(() => harness.stop());

witness("dig", () => {
  const dig = async (...args: readonly string[]) => {
    const port = String(harness.endpoint("dns").port);
    const { stdout } = await succeed("dig", ["@127.0.0.1", "-p", port, "+tries=1", "+time=5", "+short", ...args]);
    return stdout.trim();
  };

  it.each(["A", "AAAA"])(
    "finds the %s of a name that nobody serves, and the name again by its address",
    async (type) => {
      const address = await dig("smtp.elsewhere.test", type);
      expect(address).toMatch(type === "A" ? /^198\.1[89]\.\d+\.\d+$/ : /^2001:db8::c61[23]:[0-9a-f]+$/);
      expect(await dig("-x", address)).toBe("smtp.elsewhere.test.");
      expect(harness.world.nameOf(address)).toBe("smtp.elsewhere.test");
    },
  );
});
