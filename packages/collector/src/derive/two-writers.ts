/**
 * Two agents under one name, each in an epoch of its own (docs/spec/006-one-writer-an-epoch.md): an agent never goes back to an earlier epoch,
 * so one in which looks are taken long after a later one has begun has another writer.
 */
import type { StoredObservation } from "./types.ts";

/** A look stored within this of its time was told at once, by a clock that was right: what a backlog or a wrong clock says is no proof, ms. */
const FRESH_MS = 60_000;
/** Three times that: no two fresh looks of one writer can contradict its order by as much, ms. */
const OVERLAP_MS = 3 * FRESH_MS;

function isFresh(o: StoredObservation): boolean {
  return o.uncertaintyMs !== null && o.uncertaintyMs <= FRESH_MS && Math.abs(o.storedAt - o.wallAt) <= FRESH_MS;
}

/**
 * @param ordered observations of one agent, by epoch, then seq
 * @returns index of the first look in an epoch that had ended when it was taken; undefined where every epoch has one writer
 */
export function foreignLook(ordered: readonly StoredObservation[]): number | undefined {
  /** Earliest fresh look in any later epoch, ms. */
  let begun = Number.POSITIVE_INFINITY;
  let begins = Number.POSITIVE_INFINITY;
  let found: number | undefined;
  for (let i = ordered.length - 1; i >= 0; i--) {
    const o = ordered[i] as StoredObservation;
    if (o.epoch !== ordered[i + 1]?.epoch) begun = Math.min(begun, begins);
    if (!isFresh(o)) continue;
    begins = Math.min(begins, o.wallAt);
    if (o.wallAt >= begun + OVERLAP_MS && (found === undefined || o.wallAt <= (ordered[found] as StoredObservation).wallAt)) found = i;
  }
  return found;
}
