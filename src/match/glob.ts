/**
 * A pattern with `*` (any characters) and `?` (any one); `\` makes the next character itself. Where a pattern begins with
 * `/` it is a path's: there `*` and `?` stop at `/`, and `**` does not.
 */
export function globPattern(glob: string): RegExp {
  const isPath = glob.startsWith("/");
  const one = isPath ? "[^/]" : "[\\s\\S]";
  let source = "";
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at] as string;
    if (character === "\\" && at + 1 < glob.length) {
      at += 1;
      source += escaped(glob[at] as string);
    } else if (character === "*") {
      const deep = glob[at + 1] === "*";
      while (glob[at + 1] === "*") at += 1;
      source += deep ? "[\\s\\S]*" : `${one}*`;
    } else if (character === "?") source += one;
    else source += escaped(character);
  }
  return new RegExp(`^${source}$`, "u");
}

/** The text has a place that is not itself. */
export function isGlob(text: string): boolean {
  return /[*?\\]/.test(text);
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
