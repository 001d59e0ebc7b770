/** What became of each observation that was produced: stored once, or named by a gap record of the outbox that gave it up. */
import type { Told } from "./expect.ts";
import type { Journal, Kept } from "./journal.ts";
import type { GapTold } from "./stored.ts";

export interface Account {
  /** Taken by the outbox, neither stored nor named by a gap record. */
  readonly lost: readonly number[];
  /** Stored and never produced, or refused by the outbox. */
  readonly invented: readonly number[];
  /** Stored under two keys, or with two contents. */
  readonly repeated: readonly number[];
  /** Gap records that count fewer than the outbox had taken under the seqs that they name, or more than there are. */
  readonly miscounted: readonly string[];
  /** Refused for want of room, and in no gap record. */
  readonly untold: number;
  /** Taken by the outbox, not stored and named by a gap record. */
  readonly givenUp: number;
  /** Refused for want of room, as gap records count them. */
  readonly refused: number;
}

/** For want of room or for age. A damaged file is no excuse: files are damaged when they are drained. */
const GIVEN_UP: ReadonlySet<string> = new Set(["size", "age", "disk-full"]);

function names({ epoch, ranges }: GapTold, kept: Kept): boolean {
  return kept.epoch === epoch && ranges.some(({ first, last }) => first <= kept.seq && kept.seq <= last);
}

export function accountOf(journal: Journal, told: readonly Told[], allGaps: readonly GapTold[]): Account {
  const gaps = allGaps.filter(({ reason }) => GIVEN_UP.has(reason));
  const named = gaps.filter(({ ranges }) => ranges.length > 0);
  const times = new Map<number, number>();
  for (const { mark } of told) if (mark > 0) times.set(mark, (times.get(mark) ?? 0) + 1);
  const missing = [...journal.kept].filter(([mark]) => !times.has(mark));
  const lost = missing.filter(([, kept]) => !named.some((gap) => names(gap, kept))).map(([mark]) => mark);
  const refused = gaps.reduce((sum, { ranges, changes }) => sum + (ranges.length === 0 ? changes : 0), 0);
  const miscounted = named.flatMap((gap) => {
    const taken = [...journal.kept.values()].filter((kept) => names(gap, kept)).length;
    const most = gap.ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return taken <= gap.changes && gap.changes <= most ? [] : [`${gap.epoch}: counts ${gap.changes} of ${most}, taken were ${taken}`];
  });
  return {
    lost,
    invented: [...times.keys()].filter((mark) => !journal.intents.has(mark) || journal.refused.has(mark)),
    repeated: [...times].flatMap(([mark, count]) => (count > 1 ? [mark] : [])),
    miscounted,
    untold: Math.max(0, journal.refused.size - refused),
    givenUp: missing.length - lost.length,
    refused,
  };
}
