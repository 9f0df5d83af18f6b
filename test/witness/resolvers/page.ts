import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { EDNS_FAULTS, RCODE_FAULTS, REPLY_FAULTS } from "../../../services/dns/faults-in-headers.ts";
import { CONTENT_FAULTS } from "../../../services/dns/faults-in-records.ts";
import { DATAGRAM_FAULTS, STREAM_FAULTS } from "../../../services/dns/faults-on-the-way.ts";
import { tablesOf } from "../../repo/markdown.ts";
import { SERVICES, table } from "../../repo/tables.ts";
import { digResolver } from "./dig.ts";
import { glibcReactions } from "./glibc.ts";
import { nodeResolver } from "./node.ts";
import { dnspythonResolver, versionOfDnspython } from "./python.ts";
import { MET, Reactions } from "./reactions.ts";
import type { Resolver } from "./resolver.ts";

/** Where what the resolvers do is told. */
export const PAGE = join(SERVICES, "dns", "REACTIONS.md");

/** A column of the page: a resolver of some version, and what it does when it meets each of some faults. */
export interface Column {
  readonly head: string;
  measure(faults: readonly string[]): Promise<readonly string[]>;
}

/** The resolvers, in the page's order. */
export const COLUMNS: readonly Column[] = [
  {
    head: `Node ${process.versions.node}, c-ares ${process.versions.ares}`,
    measure: (faults) => measured(faults, nodeResolver),
  },
  { head: said("getconf", ["GNU_LIBC_VERSION"]), measure: glibcReactions },
  {
    head: said("dig", ["-v"]).replace(/^DiG ([\d.]+).*$/, "dig $1"),
    measure: (faults) => measured(faults, digResolver),
  },
  { head: `dnspython ${versionOfDnspython() ?? ""}`, measure: (faults) => measured(faults, dnspythonResolver) },
];

const GROUPS: readonly (readonly [heading: string, faults: readonly { readonly name: string }[]])[] = [
  ["Response codes", [...RCODE_FAULTS, ...REPLY_FAULTS]],
  ["Datagrams, and what their headers say", DATAGRAM_FAULTS],
  ["TCP, after TC has sent the resolver there", STREAM_FAULTS],
  ["EDNS", EDNS_FAULTS],
  ["Records", CONTENT_FAULTS],
];

async function measured(faults: readonly string[], make: (port: number) => Resolver): Promise<readonly string[]> {
  await using reactions = await Reactions.start();
  using resolver = make(reactions.port);
  return await reactions.toAll(faults, resolver);
}

function said(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return `${stdout ?? ""}${stderr ?? ""}`.trim();
}

/** All that is measured, as the page shows it. */
export async function printReactions(): Promise<string> {
  const names = MET.map(({ name }) => name);
  const columns = await Promise.all(COLUMNS.map(({ measure }) => measure(names)));
  const parts = GROUPS.map(([heading, faults]) => {
    const rows = names
      .map((name, row) => [name, ...columns.map((column) => column[row] ?? "")])
      .filter(([name]) => faults.some((fault) => fault.name === name));
    return `## ${heading}\n\n${table(["What happens", ...COLUMNS.map(({ head }) => head)], rows)}`;
  });
  return parts.join("\n\n");
}

/** What the page says: by the heads of its columns, and there by fault. */
export function readReactions(page: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [, ...heads] = (/^\| What happens.*/m.exec(page)?.[0] ?? "").replace(/^\||\|$/g, "").split("|");
  const rows = tablesOf(page).flat();
  return new Map(
    heads.map((head, column) => [head.trim(), new Map(rows.map((row) => [row[0] ?? "", row[column + 1] ?? ""]))]),
  );
}
