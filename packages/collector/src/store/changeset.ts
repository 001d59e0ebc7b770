/** Where each bucket stands, by what is applied. */
import type { Store } from "./client.ts";
import { IN_ERA } from "./era.ts";
import { fromWire } from "./time.ts";

export interface AppliedChangeset {
  readonly bucket: number;
  readonly era: number;
  readonly seq: number;
  /** ms since 1970; of the bucket's last changeset it is the bucket's closed time. */
  readonly recordedAt: number;
  /** Storage time that was derived through, ms. */
  readonly derivedThrough: number;
  readonly code: string;
  readonly hash: string;
}

type Row = Omit<AppliedChangeset, "recordedAt" | "derivedThrough"> & { recorded_at: string; derived_through: string };

/** The last changeset applied in each of these buckets; a bucket that never had one is missing. */
export async function readApplied(store: Store, buckets: readonly number[]): Promise<Map<number, AppliedChangeset>> {
  const sql = `SELECT bucket, era, seq, recorded_at, derived_through, code, hash FROM changeset
    WHERE bucket IN {buckets:Array(UInt16)} AND ${IN_ERA}
    ORDER BY bucket DESC, era DESC, seq DESC LIMIT 1 BY bucket`;
  const rows = await store.query<Row>(sql, { buckets: [...buckets] });
  return new Map(
    rows.map(({ recorded_at, derived_through, ...row }) => [
      row.bucket,
      { ...row, recordedAt: fromWire(recorded_at), derivedThrough: fromWire(derived_through) },
    ]),
  );
}

/** Up to when readers of these buckets may ask: the earliest of their last changesets; null while one of them has none. */
export async function readClosedTime(store: Store, buckets: readonly number[]): Promise<number | null> {
  const applied = await readApplied(store, buckets);
  const times = buckets.map((bucket) => applied.get(bucket)?.recordedAt);
  return times.reduce<number | null>((least, time) => (least === null || time === undefined ? null : Math.min(least, time)), Infinity);
}

export interface AppliedRow extends AppliedChangeset {
  readonly rowCount: number;
}

/**
 * Whether each of these may still be applied: no later era of its bucket is open, and nothing else stands at its place or beyond. To be asked before
 * the first of its rows is written; it may cease to be so afterwards, which `insertApplied` decides.
 */
export async function readMayApply(
  store: Pick<Store, "query">,
  rows: readonly Pick<AppliedRow, "bucket" | "era" | "seq" | "hash">[],
): Promise<boolean[]> {
  const buckets = rows.map((r) => r.bucket);
  const [last, eras] = await Promise.all([
    store.query<Pick<AppliedRow, "bucket" | "era" | "seq" | "hash">>(
      `SELECT bucket, era, seq, hash FROM changeset WHERE bucket IN {buckets:Array(UInt16)}
       ORDER BY bucket DESC, era DESC, seq DESC LIMIT 1 BY bucket`,
      { buckets },
    ),
    store.query<{ bucket: number; newest: number }>(
      "SELECT bucket, max(era) AS newest FROM era WHERE bucket IN {buckets:Array(UInt16)} GROUP BY bucket",
      { buckets },
    ),
  ]);
  const lastOf = new Map(last.map((row) => [row.bucket, row]));
  const newestOf = new Map(eras.map(({ bucket, newest }) => [bucket, newest]));
  return rows.map((row) => {
    const { era, seq, hash } = lastOf.get(row.bucket) ?? { era: 0, seq: 0, hash: "" };
    if ((newestOf.get(row.bucket) ?? 0) > row.era) return false;
    return era === row.era && seq === row.seq ? hash === row.hash : era < row.era || (era === row.era && seq < row.seq);
  });
}

const COLUMNS = "bucket, era, seq, recorded_at, derived_through, code, hash, row_count";

/**
 * The last rows of applied changesets, which make them visible: each taken by the server only while no later era of its bucket is open, decided
 * in one statement, so that whoever stood still before it changes nothing that was closed since.
 * @returns for each, false where it was refused
 */
export async function insertApplied(store: Pick<Store, "command" | "query">, rows: readonly AppliedRow[]): Promise<boolean[]> {
  const parameters = {
    buckets: rows.map((r) => r.bucket),
    eras: rows.map((r) => r.era),
    seqs: rows.map((r) => r.seq),
    recorded: rows.map((r) => r.recordedAt),
    derived: rows.map((r) => r.derivedThrough),
    codes: rows.map((r) => r.code),
    hashes: rows.map((r) => r.hash),
    counts: rows.map((r) => r.rowCount),
  };
  await store.command(
    `INSERT INTO changeset (${COLUMNS})
     SELECT r.1, r.2, r.3, fromUnixTimestamp64Milli(r.4, 'UTC'), fromUnixTimestamp64Milli(r.5, 'UTC'), r.6, r.7, r.8
     FROM (SELECT arrayJoin(arrayZip({buckets:Array(UInt16)}, {eras:Array(UInt32)}, {seqs:Array(UInt32)}, {recorded:Array(Int64)},
       {derived:Array(Int64)}, {codes:Array(String)}, {hashes:Array(String)}, {counts:Array(UInt32)})) AS r)
     WHERE NOT arrayExists(e -> e.1 = r.1 AND e.2 > r.2,
       (SELECT groupArray((bucket, era)) FROM era WHERE bucket IN {buckets:Array(UInt16)}))`,
    parameters,
  );
  const taken = await store.query<{ bucket: number; era: number; seq: number; hash: string }>(
    `SELECT DISTINCT bucket, era, seq, hash FROM changeset
     WHERE (bucket, era, seq) IN arrayZip({buckets:Array(UInt16)}, {eras:Array(UInt32)}, {seqs:Array(UInt32)}) AND ${IN_ERA}`,
    parameters,
  );
  const names = new Set(taken.map(nameOf));
  return rows.map((row) => names.has(nameOf(row)));
}

function nameOf({ bucket, era, seq, hash }: Pick<AppliedChangeset, "bucket" | "era" | "seq" | "hash">): string {
  return `${bucket}/${era}/${seq}/${hash}`;
}
