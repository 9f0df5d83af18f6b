import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PortwrightError } from "../errors.ts";

/** Writes a file so that no reader ever sees half of it. */
export function writeWhole(path: string, text: string): void {
  const draft = join(dirname(path), `.portwright-${randomUUID()}`);
  try {
    writeFileSync(draft, text, { flag: "wx" });
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new PortwrightError("FILE_UNWRITABLE", (cause as Error).message, { place: path, cause });
  }
}
