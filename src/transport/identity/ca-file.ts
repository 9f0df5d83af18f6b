import { randomUUID } from "node:crypto";
import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

const READABLE_BY_ALL = 0o644;

/** Writes a file whole or not at all: whoever reads the path meanwhile sees the old content or the new. */
export function writeCaFile(path: string, pem: string): void {
  const draft = join(dirname(path), `.portwright-${randomUUID()}`);
  try {
    const file = openSync(draft, "wx", READABLE_BY_ALL);
    try {
      fchmodSync(file, READABLE_BY_ALL); // whatever the umask: clients of other users read it
      writeSync(file, pem);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new Error(`the certificate cannot be written to ${path}: ${(cause as Error).message}`, { cause });
  }
}
