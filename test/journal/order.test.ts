import { describe, expect, it } from "vitest";
import { exchange, journalOf, messageOf, sessionOf } from "./fixture.ts";

const LOOKUP = { service: "dns", request: { command: "A" } } as const;
const CONNECT = { service: "smtp", kind: "open" } as const;
const MAIL = { service: "smtp", request: { command: "DATA" } } as const;

/** A journal with the entries in this order: a lookup, a connect, mail, something else. */
function sample(order: string) {
  const journal = journalOf();
  const dns = sessionOf(journal, "dns");
  const smtp = sessionOf(journal);
  const add = (letters: string) => {
    for (const letter of letters) {
      if (letter === "L") exchange(journal, dns, "A");
      else if (letter === "C") journal.opened(smtp);
      else exchange(journal, smtp, letter === "M" ? "DATA" : "NOOP");
    }
  };
  add(order);
  return { journal, add };
}

describe("inOrder", () => {
  it.each([
    ["LCM", "", [1, 2, 3]],
    ["xLxxCxxMx", "", [2, 5, 8]],
    ["CLLCM", "", [2, 4, 5]],
    ["L", "CM", [1, 2, 3]],
    ["", "CxLxCxM", [3, 5, 7]],
  ])("finds what followed one another in %s, and then %s", async (past, future, expected) => {
    const { journal, add } = sample(past);
    const found = journal.inOrder([LOOKUP, CONNECT, MAIL]);
    add(future);
    expect((await found).map(({ seq }) => seq)).toEqual(expected);
  });

  it("takes one entry for one query only", async () => {
    const { journal } = sample("LL");
    expect((await journal.inOrder([LOOKUP, LOOKUP])).map(({ seq }) => seq)).toEqual([1, 2]);
    await expect(journal.inOrder([LOOKUP, LOOKUP, LOOKUP], { timeout: 1 })).rejects.toThrow("3. exchange of dns");
  });

  it("knows the kind of each entry", async () => {
    const [lookup, connect] = await sample("LC").journal.inOrder([LOOKUP, CONNECT]);
    expect([lookup.request.command, connect.kind]).toEqual(["A", "open"]);
  });

  it("says which came too early", async () => {
    const { journal } = sample("CLx");
    expect(await messageOf(journal.inOrder([LOOKUP, CONNECT, MAIL], { timeout: 1 }))).toBe(
      `these did not come in this order: 1 ms have passed
  1. exchange of dns with { command: "A" }: #2 dns session 1: A -> 250
  2. opened session of smtp: came too early: #1 smtp session 2: opened
  3. exchange of smtp with { command: "DATA" }: not looked for, because 2 did not come`,
    );
  });

  it("says which never came, and what came nearest", async () => {
    const { journal } = sample("Lx");
    expect(await messageOf(journal.inOrder([LOOKUP, MAIL], { timeout: 1 }))).toBe(
      `these did not come in this order: 1 ms have passed
  1. exchange of dns with { command: "A" }: #1 dns session 1: A -> 250
  2. exchange of smtp with { command: "DATA" }: did not come; the nearest of 1 that came:
  #2 smtp session 2: NOOP -> 250
      command: wanted "DATA", was "NOOP"`,
    );
  });

  it("ends when the harness is stopped, and by its signal", async () => {
    const { journal } = sample("L");
    const control = new AbortController();
    const aborted = journal.inOrder([CONNECT], { signal: control.signal });
    const wait = journal.inOrder([LOOKUP, CONNECT]);
    control.abort(new Error("enough"));
    journal.close();
    await expect(aborted).rejects.toThrow("enough");
    expect(await messageOf(wait)).toContain("the harness was stopped");
  });
});
