/** The key folder: every file 0600 in folders 0700, written whole or not at all. */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KeyError } from "./key-error.ts";

const OTHERS = 0o077;

function errno(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

async function checkMode(path: string, wanted: "700" | "600"): Promise<boolean> {
  let mode: number;
  try {
    mode = (await stat(path)).mode;
  } catch (error) {
    if (errno(error) === "ENOENT") return false;
    throw new KeyError("permission", path, `keys: ${path} cannot be read (${errno(error)}); run as the user that owns it`, error);
  }
  if ((mode & OTHERS) !== 0) {
    throw new KeyError(
      "permission",
      path,
      `keys: ${path} is open to other users (mode ${(mode & 0o777).toString(8)}); run: chmod ${wanted} ${path}`,
    );
  }
  return true;
}

/** Creates the folder (0700) or checks that only its owner may enter it. */
export async function ensureKeyFolder(path: string): Promise<void> {
  if (await checkMode(path, "700")) return;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new KeyError(
      "permission",
      path,
      `keys: ${path} cannot be made (${errno(error)}); give another --data folder or its write permission`,
      error,
    );
  }
}

/** Content of a key file; null where there is none. */
export async function readKeyFile(path: string): Promise<Buffer | null> {
  if (!(await checkMode(path, "600"))) return null;
  try {
    return await readFile(path);
  } catch (error) {
    throw new KeyError("permission", path, `keys: ${path} cannot be read (${errno(error)}); run as the user that owns it`, error);
  }
}

/** Durable when it returns: written beside, synced, renamed, folder synced. */
export async function writeKeyFile(path: string, content: Uint8Array | string): Promise<void> {
  await ensureKeyFolder(dirname(path));
  const beside = `${path}.${randomBytes(6).toString("hex")}.new`;
  let file: FileHandle | undefined;
  try {
    file = await open(beside, "wx", 0o600);
    await file.writeFile(content);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await file?.close();
    await rm(beside, { force: true });
    throw new KeyError(
      "permission",
      path,
      `keys: ${path} cannot be written (${errno(error)}); free its disk or give write permission`,
      error,
    );
  }
}

/** Removes a key for good; what it sealed stays closed. */
export async function removeKeyFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch((error: unknown) => {
    if (errno(error) !== "ENOENT") throw error;
  });
}

/** Names of the key files in a folder, sorted; none where the folder is missing. */
export async function listKeyFiles(path: string): Promise<readonly string[]> {
  if (!(await checkMode(path, "700"))) return [];
  return (await readdir(path)).filter((name) => !name.endsWith(".new")).sort();
}

export function keyPath(folder: string, ...parts: readonly string[]): string {
  return join(folder, ...parts);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
