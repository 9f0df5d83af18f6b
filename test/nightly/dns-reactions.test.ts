import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COLUMNS, PAGE, readReactions } from "../witness/resolvers/page.ts";
import { MET } from "../witness/resolvers/reactions.ts";

const page = readReactions(readFileSync(PAGE, "utf8"));

describe("services/dns/REACTIONS.md", () => {
  it("has every fault that a resolver can meet", () => {
    for (const column of page.values()) expect([...column.keys()].sort()).toEqual(MET.map(({ name }) => name).sort());
  });

  // Another version of a resolver may well do something else: `npm run reactions` writes what.
  it.each(COLUMNS.filter(({ head }) => page.has(head)).map((column) => [column.head, column] as const))(
    "tells what %s does",
    { retry: 2 },
    async (head, { measure }) => {
      const names = MET.map(({ name }) => name);
      const measured = await measure(names);
      expect(names.map((name, row) => `${name}: ${measured[row]}`)).toEqual(
        names.map((name) => `${name}: ${page.get(head)?.get(name)}`),
      );
    },
  );
});
