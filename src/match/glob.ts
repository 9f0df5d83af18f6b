const ANY = "[\\s\\S]";
const WITHIN = "[^/]";

/**
 * A pattern with `*` (any characters) and `?` (any one); `\` makes the next character itself. Where a pattern begins with
 * `/` it is a path's: there `*` and `?` stop at `/`, and `**` does not.
 *
 * What stands behind a star is looked for where it is first, and nowhere else: the stars behind it take the rest. So no
 * text that a peer sends makes it try the combinations of all stars.
 */
export function globPattern(glob: string): RegExp {
  let groups = 0;
  const once = (source: string) => {
    groups += 1;
    return `(?=(?<g${groups}>${source}))\\k<g${groups}>`;
  };
  const [head = [], ...runs] = runsOf(glob);
  const last = runs.pop();
  if (!last) return new RegExp(`^${runSource(head, once, true)}$`, "u");
  const middle = runs.map((run) => once(`${ANY}*?${runSource(run, once, false)}`));
  const ends = `${ANY}*${runSource(last, once, true)}$`;
  return new RegExp(`^${runSource(head, once, false)}${middle.join("")}${ends}`, "u");
}

/** Pieces with stars between them that stop at `/`; the last of them may have to reach the end. */
function runSource(pieces: readonly string[], once: (source: string) => string, isLast: boolean): string {
  return pieces
    .map((piece, at) => {
      if (at === 0) return piece;
      return isLast && at === pieces.length - 1 ? `${WITHIN}*${piece}` : once(`${WITHIN}*?${piece}`);
    })
    .join("");
}

/** The patterns of what stands between the stars; a star that stops nowhere begins another list of them. */
function runsOf(glob: string): string[][] {
  const isPath = glob.startsWith("/");
  let pieces = [""];
  const runs = [pieces];
  for (let at = 0; at < glob.length; at += 1) {
    let character = glob[at] as string;
    if (character === "*") {
      const isDeep = glob[at + 1] === "*";
      while (glob[at + 1] === "*") at += 1;
      if (isPath && !isDeep) pieces.push("");
      else {
        pieces = [""];
        runs.push(pieces);
      }
      continue;
    }
    const isAnyOne = character === "?";
    if (character === "\\" && at + 1 < glob.length) {
      at += 1;
      character = glob[at] as string;
    }
    pieces[pieces.length - 1] += isAnyOne ? (isPath ? WITHIN : ANY) : escaped(character);
  }
  return runs;
}

/** The text has a place that is not itself. */
export function isGlob(text: string): boolean {
  return /[*?\\]/.test(text);
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
