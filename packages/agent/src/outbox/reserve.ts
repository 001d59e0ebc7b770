/** A file of zeros beside the outbox. On a full disk even deleting needs room for the log of it: removing this file gives that room. */
import { rmSync, statSync, writeFileSync } from "node:fs";

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

export function isNoRoom(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

export function openReserve(path: string, bytes: number): Reserve {
  function restore(): void {
    if (sizeOf(path) === bytes) return;
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
