import type { FileStat } from "../../src/contract/world.ts";
import { escapeMarkup } from "./markup.ts";
import { encodeName } from "./target.ts";

/** A directory as a page: one line for each entry, with its date and size. */
export function listingPage(path: string, entries: readonly FileStat[]): string {
  const lines = entries.map((entry) => {
    const name = entry.type === "directory" ? `${entry.name}/` : entry.name;
    const link = `<a href="${encodeName(entry.name)}${entry.type === "directory" ? "/" : ""}">${escapeMarkup(name)}</a>`;
    const size = entry.type === "directory" ? "-" : String(entry.octets);
    return `${link}${" ".repeat(Math.max(1, 48 - name.length))}${dateOf(entry.modified)}  ${size.padStart(10)}`;
  });
  const title = `Index of ${escapeMarkup(path)}`;
  const parent = path === "/" ? [] : ['<a href="../">../</a>'];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
<h1>${title}</h1>
<pre>
${[...parent, ...lines].join("\n")}
</pre>
</body>
</html>
`;
}

/** `2026-01-01 00:00` */
function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
