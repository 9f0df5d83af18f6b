import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import type { FaultCase, Service } from "../../src/contract/service.ts";

/** Where the services' folders are. */
export const SERVICES = join(import.meta.dirname, "../../services");

/** The tables of a service's README that are made from its definition, by the name of their marks. */
export async function generatedTables(service: Service): Promise<ReadonlyMap<string, string>> {
  const tables = new Map<string, string>();
  const replies = repliesTable(service);
  if (replies) tables.set("stub", replies);
  const faults = await faultsOf(service.name);
  if (faults) tables.set("faults", faultsTable(faults));
  if (service.triggers) tables.set("triggers", triggersTable(service.triggers.table));
  return tables;
}

/** A page with its generated tables as they should be: what stands between `<!-- name -->` and `<!-- /name -->`. */
export function withTables(page: string, tables: ReadonlyMap<string, string>): string {
  let filled = page;
  for (const [name, table] of tables) {
    const marks = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!marks.test(filled)) throw new Error(`there are no marks <!-- ${name} --> and <!-- /${name} --> for a table`);
    filled = filled.replace(marks, (_, open: string, close: string) => `${open}\n\n${table}\n\n${close}`);
  }
  return filled;
}

/** The fault table of a service (`services/<name>/faults.ts`), if it has one. */
export async function faultsOf(name: string): Promise<readonly FaultCase[] | undefined> {
  const file = join(SERVICES, name, "faults.ts");
  if (!existsSync(file)) return undefined;
  const module: { readonly FAULTS: readonly FaultCase[] } = await import(pathToFileURL(file).href);
  return module.FAULTS;
}

function faultsTable(faults: readonly FaultCase[]): string {
  const rows = faults.map(({ name, rule, seen }) => [name, `\`${printRule(rule)}\``, seen]);
  return table(["What happens", "Rule", "What the client sees"], rows);
}

function triggersTable(triggers: readonly { readonly trigger: string; readonly effect: string }[]): string {
  return table(
    ["Trigger", "What comes of it"],
    triggers.map(({ trigger, effect }) => [`\`${trigger}\``, effect]),
  );
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: { readonly [name: string]: JsonSchema };
}

function repliesTable({ stub }: Service): string | undefined {
  const schema = toJsonSchema(stub, { errorMode: "ignore", typeMode: "input" }) as JsonSchema;
  const map = [schema, ...(schema.anyOf ?? [])].find(({ properties }) => properties);
  if (!map?.properties) return undefined;
  const rows = Object.entries(map.properties).map(([name, field]) => [
    `\`${name}\``,
    typeOf(field),
    field.description ?? "",
  ]);
  return table(["Field", "Type", "Meaning"], rows);
}

function typeOf({ type, anyOf, const: only }: JsonSchema): string {
  if (type) return type;
  if (only !== undefined) return typeof only;
  const types = new Set((anyOf ?? []).flatMap((one) => typeOf(one).split(" or ")));
  types.delete("octets");
  return types.size > 0 ? [...types].join(" or ") : "octets";
}

/** A table with columns as wide as their widest cell, as the formatter has them. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => lengthOf(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - lengthOf(cell))).join(" | ")} |`;
  const [head = [], ...rest] = cells;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("\n");
}

function lengthOf(text: string): number {
  return [...text].length;
}

/** A rule as one writes it in TypeScript, on one line. */
export function printRule(value: unknown): string {
  if (value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array)
    return `octets(${[...value.subarray(0, 8)].map((octet) => octet.toString(16).padStart(2, "0")).join(" ")}${value.length > 8 ? " ..." : ""})`;
  if (typeof value === "string") {
    const shown = value.length > 60 ? `${value.slice(0, 40)}... (${value.length})` : value;
    return JSON.stringify(shown).replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]/g, escaped);
  }
  if (Array.isArray(value)) {
    const items =
      value.length > 8 ? [...value.slice(0, 4).map(printRule), `... (${value.length})`] : value.map(printRule);
    return `[${items.join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const printed = entries.map(
      ([key, item]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${printRule(item)}`,
    );
    return printed.length > 0 ? `{ ${printed.join(", ")} }` : "{}";
  }
  return String(value);
}

/** What one would not see. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
