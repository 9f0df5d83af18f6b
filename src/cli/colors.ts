import yoctocolors from "yoctocolors";

/** Standard output is a terminal with colours, and nobody has said NO_COLOR (no-color.org). */
export const isColored = process.stdout.isTTY === true && process.stdout.hasColors();

const plain = (text: string) => text;

/** What paints text for standard output, or leaves it as it is. */
export const colors = {
  bold: isColored ? yoctocolors.bold : plain,
  dim: isColored ? yoctocolors.dim : plain,
  red: isColored ? yoctocolors.red : plain,
  green: isColored ? yoctocolors.green : plain,
  cyan: isColored ? yoctocolors.cyan : plain,
} as const;
