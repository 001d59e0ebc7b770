/** What the timeline must show of what is stored: docs/observation.md in a second hand, so that one misreading is not made twice. */

import { COPY_MARKS } from "./journal.ts";

/** One stored observation of the agent. */
export interface Told {
  readonly epoch: string;
  /** Corrected creation of the epoch, ms. */
  readonly epochMs: number;
  readonly seq: number;
  readonly contentHash: string;
  /** Wall clock plus offset, and earliest storage, ms. */
  readonly wallMs: number;
  readonly storedMs: number;
  /** 0 where it is the agent's own, such as a gap record. */
  readonly mark: number;
}

export interface Change {
  readonly from: number;
  readonly open: boolean;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** In the agent's own order: epochs by creation, then seq. */
export function inOrder(told: readonly Told[]): readonly Told[] {
  return told.toSorted(
    (a, b) => a.epochMs - b.epochMs || compare(a.epoch, b.epoch) || a.seq - b.seq || compare(a.contentHash, b.contentHash),
  );
}

/** Until when each can have happened, ms: until it was stored, or any that follows. */
function limitsOf(ordered: readonly Told[]): number[] {
  const limits = ordered.map((t) => t.storedMs);
  for (let i = limits.length - 2; i >= 0; i--) limits[i] = Math.min(limits[i] as number, limits[i + 1] as number);
  return limits;
}

/** Marks that stand before something that was stored earlier by so much, ms: another writer of a copied disk has told it. */
export function heldBack(ordered: readonly Told[], byMs: number): ReadonlySet<number> {
  const limits = limitsOf(ordered);
  return new Set(ordered.flatMap(({ mark, storedMs }, i) => (storedMs - (limits[i] as number) > byMs ? [mark] : [])));
}

/** When each happened at the site, ms: never before one that precedes it, never after it or one that follows was stored. */
export function timesOf(ordered: readonly Told[]): readonly number[] {
  const limits = limitsOf(ordered);
  let latest = Number.NEGATIVE_INFINITY;
  return ordered.map((t, i) => {
    const limit = limits[i] as number;
    latest = Math.max(latest, Math.min(t.wallMs, limit));
    return Math.floor(Math.min(latest, limit));
  });
}

/** One line for each change of state; of several at one moment the last counts. */
export function changesOf(looks: readonly Change[]): Change[] {
  const last = new Map(looks.map((look) => [look.from, look]));
  return [...last.values()].filter((look, i, all) => all[i - 1]?.open !== look.open);
}

/**
 * Marks of an epoch from the first seq on that has two contents: an old disk was put back, or two agents share an identity. They are stored
 * and shown all the same, but seq does not tell their order.
 */
export function contestedMarks(told: readonly Told[]): ReadonlySet<number> {
  const contested = new Set<number>();
  for (const own of Map.groupBy(told, (t) => t.epoch).values()) {
    const bySeq = Map.groupBy(own, (t) => t.seq);
    const from = Math.min(...[...bySeq].filter(([, contents]) => contents.length > 1).map(([seq]) => seq));
    for (const { seq, mark } of own) if (seq >= from && mark > 0) contested.add(mark);
  }
  return contested;
}

/** Marks that stand before one that the same disk produced earlier. */
export function outOfOrder(ordered: readonly Told[], contested: ReadonlySet<number>): number[] {
  const highest = new Map<number, number>();
  return ordered.flatMap(({ mark }) => {
    if (mark === 0 || contested.has(mark)) return [];
    const copy = Math.floor(mark / COPY_MARKS);
    if (mark < (highest.get(copy) ?? 0)) return [mark];
    highest.set(copy, mark);
    return [];
  });
}
