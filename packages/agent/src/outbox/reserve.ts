/** A file of zeros beside the outbox. On a full disk even deleting needs room for the log of it: removing this file gives that room. */
import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isNoRoom } from "../replace-file.ts";

export interface Reserve {
  /** True where there was one. */
  release(): boolean;
  /** Makes it again where the disk has room. */
  restore(): void;
}

export const NO_RESERVE: Reserve = { release: () => false, restore: () => undefined };

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Twice its size, so that making it again does not fill the disk. */
function isAffordable(path: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize >= 2 * bytes;
}

export function openReserve(path: string, bytes: number): Reserve {
  function restore(): void {
    if (sizeOf(path) === bytes || !isAffordable(path, bytes)) return;
    try {
      writeFileSync(path, new Uint8Array(bytes), { mode: 0o600 });
    } catch (error) {
      if (!isNoRoom(error)) throw error;
      rmSync(path, { force: true });
    }
  }
  restore();
  return {
    release() {
      const had = sizeOf(path) > 0;
      rmSync(path, { force: true });
      return had;
    },
    restore,
  };
}
