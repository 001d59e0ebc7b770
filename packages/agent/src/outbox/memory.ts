/** The outbox of `vedette audit`: the same without a disk. */
import { createDiskOutbox, type DiskOutboxOptions } from "./disk.ts";
import type { Outbox } from "./outbox.ts";

export function createMemoryOutbox(options: Omit<DiskOutboxOptions, "path" | "onSetAside">): Outbox {
  return createDiskOutbox({ ...options, path: ":memory:" });
}
