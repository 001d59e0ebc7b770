/** Which rows of history and of the present count. Both are SQL conditions over the columns bucket, era and seq. */
import type { Store } from "./client.ts";

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

/** What has ever been written of a bucket's eras and changesets, whether it counts or not. */
export interface EraMark {
  /** Number of the newest era that was opened, 0 for none. */
  readonly newest: number;
  /** The last changeset's place; 0 and 0 for none. */
  readonly era: number;
  readonly seq: number;
}

export async function readEraMark(store: Store, bucket: number): Promise<EraMark> {
  const [row] = await store.query<EraMark>(
    `SELECT (SELECT max(era) FROM era WHERE bucket = {bucket:UInt16}) AS newest, last.1 AS era, last.2 AS seq
     FROM (SELECT max((era, seq)) AS last FROM changeset WHERE bucket = {bucket:UInt16})`,
    { bucket },
  );
  return row ?? { newest: 0, era: 0, seq: 0 };
}

/**
 * Opens an era if nothing has been written since `mark`, decided by the server in one statement: however long the caller stood
 * still before, it never ends an era at a place that readers have already seen beyond.
 * @returns false where somebody else was faster: look again
 */
export async function openEra(store: Store, o: EraOpening, mark: EraMark): Promise<boolean> {
  const key = { bucket: o.bucket, era: o.era };
  const opened = { ...key, endedEra: o.endedEra, endedSeq: o.endedSeq, reason: o.reason, openedAt: new Date(o.openedAt) };
  await store.command(
    `INSERT INTO era (bucket, era, ended_era, ended_seq, reason, opened_at)
     SELECT {bucket:UInt16}, {era:UInt32}, {endedEra:UInt32}, {endedSeq:UInt32}, {reason:String}, {openedAt:DateTime64(3, 'UTC')}
     WHERE (SELECT max((era, seq)) FROM changeset WHERE bucket = {bucket:UInt16}) = ({lastEra:UInt32}, {lastSeq:UInt32})
       AND (SELECT max(era) FROM era WHERE bucket = {bucket:UInt16}) = {newest:UInt32}`,
    { ...opened, lastEra: mark.era, lastSeq: mark.seq, newest: mark.newest },
  );
  // Two that ran the statement at once both see two rows, or the later one does: never do both go on.
  const [found] = await store.query<{ rows: number; own: number }>(
    `SELECT count() AS rows, countIf(opened_at = {openedAt:DateTime64(3, 'UTC')}) AS own FROM era WHERE bucket = {bucket:UInt16} AND era >= {era:UInt32}`,
    { ...key, openedAt: opened.openedAt },
  );
  return Number(found?.rows) === 1 && Number(found?.own) === 1;
}
