/** Recordings of real devices, read from where VEDETTE_CORPUS says; tests that need them are skipped where they are absent. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
export const CORPUS = process.env["VEDETTE_CORPUS"] ?? join(REPOSITORY, "../shared/data");
export const hasCorpus = existsSync(join(CORPUS, "MANIFEST.tsv"));

export function recording(path: string): Buffer {
  return readFileSync(join(CORPUS, path));
}
