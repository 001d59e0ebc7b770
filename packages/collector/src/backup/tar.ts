/** A backup in one file: the tar of the machine, which keeps modes and refuses paths that lead outside. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BackupError } from "./backup-error.ts";

const run = promisify(execFile);

export function isTar(path: string): boolean {
  return path.endsWith(".tar");
}

export async function pack(folder: string, file: string): Promise<void> {
  await tar(file, ["-cf", file, "-C", folder, "."]);
}

export async function unpack(file: string, folder: string): Promise<void> {
  await tar(file, ["-xf", file, "-C", folder, "--no-same-owner"]);
}

async function tar(file: string, args: readonly string[]): Promise<void> {
  try {
    await run("tar", [...args]);
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new BackupError(
      3,
      missing ? "tar is not installed: install it, or give a folder" : `${file}: tar cannot use it; give another file, or a folder`,
      {
        cause,
      },
    );
  }
}
