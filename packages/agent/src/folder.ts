/** Making a folder with its parents. Node's own recursive mkdir never ends where a file system answers ENOENT for a parent that is there (/proc). */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** @param mode of the folders that are made; one that is there stays as it is. @throws the system's error */
export function makeFolders(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) === "EEXIST" && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeFolders(parent, mode);
    mkdirSync(path, { mode });
  }
}
