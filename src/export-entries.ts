import { services } from "../services/registry.ts";
import type { CaptureFormat } from "./capture/formats.ts";
import { type WriteOptions, type WrittenInstance, writeEntries } from "./capture/write-entries.ts";
import type { Service } from "./contract/service.ts";
import type { Entry } from "./journal/entry.ts";

/**
 * Entries of a journal in one of the forms of `harness.export`, wherever they come from: those of one test, or of a file.
 *
 *     exportEntries(readJsonLines(readFileSync("yesterday.jsonl", "utf8")), "pcapng");
 */
export function exportEntries(entries: readonly Entry[], format: "pcapng", options?: WriteOptions): Uint8Array;
export function exportEntries(
  entries: readonly Entry[],
  format: "har" | "jsonl" | "dialogue",
  options?: WriteOptions,
): string;
export function exportEntries(
  entries: readonly Entry[],
  format: CaptureFormat,
  options: WriteOptions = {},
): Uint8Array | string {
  const names = new Map(entries.map(({ session }) => [session.name, session.service]));
  const instances = [...names].flatMap(([name, wanted]): WrittenInstance[] => {
    const service = (services as unknown as { readonly [name: string]: Service | undefined })[wanted];
    return service ? [{ name, service, options: {} }] : [];
  });
  return writeEntries(entries, format, options, instances);
}
