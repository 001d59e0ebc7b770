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

/**
 * The last row of an applied changeset, which makes it visible: taken by the server only while no later era is open, decided in one
 * statement, so that whoever stood still before it changes nothing that was closed since.
 * @returns false where it was refused
 */
export async function insertApplied(
  store: Pick<Store, "command" | "query">,
  row: AppliedChangeset & { readonly rowCount: number },
): Promise<boolean> {
  const { recordedAt, derivedThrough, ...rest } = row;
  const parameters = { ...rest, recordedAt: new Date(recordedAt), derivedThrough: new Date(derivedThrough) };
  await store.command(
    `INSERT INTO changeset (bucket, era, seq, recorded_at, derived_through, code, hash, row_count)
     SELECT {bucket:UInt16}, {era:UInt32}, {seq:UInt32}, {recordedAt:DateTime64(3, 'UTC')}, {derivedThrough:DateTime64(3, 'UTC')},
       {code:String}, {hash:String}, {rowCount:UInt32}
     WHERE (SELECT max(era) FROM era WHERE bucket = {bucket:UInt16}) <= {era:UInt32}`,
    parameters,
  );
  const [found] = await store.query<{ rows: number }>(
    `SELECT count() AS rows FROM changeset
     WHERE bucket = {bucket:UInt16} AND era = {era:UInt32} AND seq = {seq:UInt32} AND hash = {hash:String} AND ${IN_ERA}`,
    parameters,
  );
  return Number(found?.rows) > 0;
}
