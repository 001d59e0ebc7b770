/** A disk that is small enough to be filled: a tmpfs, where this user may mount one. */
import { execFile } from "node:child_process";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const CHUNK = Buffer.alloc(4 * 1024 ** 2);

/** @returns false where this user may not mount */
export async function mountSmallDisk(folder: string, mib: number): Promise<boolean> {
  return run("mount", ["-t", "tmpfs", "-o", `size=${mib}m,mode=0700`, "vedette-test", folder]).then(
    () => true,
    () => false,
  );
}

export async function unmountSmallDisk(folder: string): Promise<void> {
  await run("umount", [folder]);
}

/** A file that takes all the room there is; whoever calls what is returned takes it away. @throws what stopped it where that was not the lack of room */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "ballast");
  const file = await open(path, "w");
  try {
    // The write that fails has filled the disk.
    for (;;) await file.write(CHUNK);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    await file.close();
  }
  return () => rm(path);
}
