/** The outbox of `vedette audit`: the same without a disk. */
import { IN_MEMORY } from "./file.ts";
import { type OutboxOptions, openOutbox } from "./open-outbox.ts";
import type { Outbox } from "./outbox.ts";

export function createMemoryOutbox(options: Omit<OutboxOptions, "path" | "machine">): Outbox {
  return openOutbox({ ...options, path: IN_MEMORY });
}
