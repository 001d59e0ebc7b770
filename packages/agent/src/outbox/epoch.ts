/**
 * The epochs that an outbox file knows. Positions count on over all of them; a seq counts within its epoch. So what is kept when a new epoch
 * begins stays what it was: sent again it changes nothing, and a receipt of the older epoch still covers it.
 */
import type { DatabaseSync } from "node:sqlite";
import type { EpochStamp } from "./outbox.ts";

export interface EpochSpan extends EpochStamp {
  /** Position before its first observation. */
  readonly base: number;
}

/** Names that are kept though nothing of them is left: the file beside the outbox may name one of them (file.ts). */
const NAMES_KEPT = 8;

/** @param epochs in their order */
export function epochAt(epochs: readonly EpochSpan[], position: number): EpochSpan {
  const found = epochs.findLast((e) => e.base < position);
  if (found === undefined) throw new RangeError(`position ${position} is before every epoch`);
  return found;
}

/** The epoch and the position of its last observation so far. */
export function epochNamed(
  epochs: readonly EpochSpan[],
  id: string,
  nextPosition: number,
): { readonly epoch: EpochSpan; readonly last: number } | undefined {
  const at = epochs.findIndex((e) => e.id === id);
  const epoch = epochs[at];
  return epoch === undefined ? undefined : { epoch, last: epochs[at + 1]?.base ?? nextPosition - 1 };
}

export function openEpochs(db: DatabaseSync) {
  const all = db.prepare("SELECT id, created_ms, base FROM epochs ORDER BY n");
  const keep = db.prepare("INSERT INTO earlier (id, created_ms, base) SELECT id, created_ms, base FROM epoch");
  const set = db.prepare("UPDATE epoch SET id = ?, created_ms = ?, base = ?, next = 1, instance = ?");
  const prune = db.prepare("DELETE FROM earlier WHERE id = ?");
  const lose = db.prepare("INSERT OR IGNORE INTO lost (id) VALUES (?)");

  return {
    read: (): EpochSpan[] =>
      (all.all() as { id: string; created_ms: number; base: number }[]).map((r) => ({ id: r.id, createdMs: r.created_ms, base: r.base })),
    /**
     * @param oldest position kept, if any: the epochs from there on stay known
     * @returns the epochs that are known then
     */
    begin(epochs: readonly EpochSpan[], next: EpochSpan, instance: string, oldest: number | undefined): EpochSpan[] {
      keep.run();
      set.run(next.id, next.createdMs, next.base, instance);
      const needed = oldest === undefined ? epochs.length : epochs.indexOf(epochAt(epochs, oldest));
      const from = Math.max(0, Math.min(needed, epochs.length - NAMES_KEPT));
      for (const { id } of epochs.slice(0, from)) prune.run(id);
      return [...epochs.slice(from), next];
    },
    /** The loss of an epoch that is not in this file is told. */
    lose: (id: string) => void lose.run(id),
  };
}
