/** Which rows of history and of the present count. Both are SQL conditions over the columns bucket, era and seq. */
import type { Store } from "./client.ts";
import { toWire } from "./time.ts";

/**
 * History: rows of an older era beyond its end are ignored for ever. The end stands in the row that opened the next era, so a lost and
 * repeated sequence of the log never shows.
 */
export const IN_ERA = `NOT arrayExists(e -> e.1 = bucket AND era < e.2 AND (era, seq) > (e.3, e.4),
  (SELECT groupArray((bucket, era, ended_era, ended_seq)) FROM era))`;

/**
 * The present: rows of eras before the newest complete one are ignored. An era begins with the bucket's whole state as its first
 * changeset, whose own row is written last, so that row says "complete".
 */
export const IN_NEWEST_ERA = `NOT arrayExists(e -> e.1 = bucket AND era < e.2,
  (SELECT groupArray((bucket, newest)) FROM (SELECT bucket, max(era) AS newest FROM changeset WHERE seq = 1 GROUP BY bucket)))`;

export interface EraOpening {
  readonly bucket: number;
  readonly era: number;
  /** Where the older eras end: the last changeset that was applied; 0 and 0 for none. */
  readonly endedEra: number;
  readonly endedSeq: number;
  readonly reason: string;
  /** ms since 1970 */
  readonly openedAt: number;
}

export async function insertEra(store: Store, o: EraOpening): Promise<void> {
  const row = {
    bucket: o.bucket,
    era: o.era,
    ended_era: o.endedEra,
    ended_seq: o.endedSeq,
    reason: o.reason,
    opened_at: toWire(o.openedAt),
  };
  await store.insert("era", [row]);
}
