import { randomUUID } from "node:crypto";
import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PortwrightError } from "./errors.ts";

const READABLE_BY_ALL = 0o644;

/**
 * Writes a file whole or not at all, readable by every user: whoever reads the path meanwhile sees the old content or
 * the new. Throws `FILE_UNWRITABLE`.
 */
export function writeWholeFile(path: string, text: string): void {
  const draft = join(dirname(path), `.portwright-${randomUUID()}`);
  try {
    const file = openSync(draft, "wx", READABLE_BY_ALL);
    try {
      fill(file, text);
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  } catch (cause) {
    throw new PortwrightError("FILE_UNWRITABLE", `cannot be written: ${(cause as Error).message}`, {
      place: path,
      cause,
    });
  }
}

function fill(file: number, text: string): void {
  try {
    fchmodSync(file, READABLE_BY_ALL); // whatever the umask
    writeFileSync(file, text); // all of it, where the system takes it in parts
  } finally {
    closeSync(file);
  }
}
