/** The outbox of an agent: one file, and a new one where it turns out to be damaged, when it is opened or while the agent runs. */
import { readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type OutboxOptions, openOutbox } from "./open-outbox.ts";
import type { Outbox } from "./outbox.ts";
import { isDamage, isFull, isLogicError } from "./sqlite-error.ts";

/** Damaged files that are kept to be looked at. */
const ASIDE_KEPT = 2;

export interface DiskOutboxOptions extends OutboxOptions {
  /** Told where a damaged file was moved to. */
  readonly onSetAside?: (path: string, reason: string) => void;
}

/** Moves the file out of the way; the oldest of several is removed. @returns where it is */
function setAside({ path, now, onSetAside }: DiskOutboxOptions, cause: unknown): string {
  const aside = `${path}.damaged-${now()}`;
  renameSync(path, aside);
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  const all = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.damaged-`));
  for (const old of all.toSorted().slice(0, -ASIDE_KEPT)) rmSync(join(dirname(path), old), { force: true });
  onSetAside?.(aside, cause instanceof Error ? cause.message : "unreadable");
  return aside;
}

/** @throws SQLite's error where the folder cannot be written */
export function createDiskOutbox(options: DiskOutboxOptions): Outbox {
  let inner = open();

  function open(): Outbox {
    try {
      return openOutbox(options);
    } catch (cause) {
      if (!isDamage(cause) && !isLogicError(cause)) throw cause;
      return replaced(cause);
    }
  }

  /** What was kept is lost then, and told as a gap. */
  function replaced(cause: unknown): Outbox {
    const aside = setAside(options, cause);
    try {
      return openOutbox(options, true);
    } catch (full) {
      if (!isFull(full)) throw full;
      // What can still be told is worth more than what people might look at.
      rmSync(aside, { force: true });
      return openOutbox(options, true);
    }
  }

  function guarded<T>(work: (outbox: Outbox) => T): T {
    try {
      return work(inner);
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      inner.close();
      inner = replaced(cause);
      return work(inner);
    }
  }

  return {
    get epoch() {
      return inner.epoch;
    },
    get end() {
      return inner.end;
    },
    append: (entries) => guarded((o) => o.append(entries)),
    batch: (after) => guarded((o) => o.batch(after)),
    changes: (after) => guarded((o) => o.changes(after)),
    apply: (receipt) => guarded((o) => o.apply(receipt)),
    renewEpoch: () => guarded((o) => o.renewEpoch()),
    told: (look) => guarded((o) => o.told(look)),
    allTold: () => guarded((o) => o.allTold()),
    forget: (looks) => guarded((o) => o.forget(looks)),
    size: () => guarded((o) => o.size()),
    close: () => inner.close(),
  };
}
