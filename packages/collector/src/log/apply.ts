/** Applying a published changeset to ClickHouse: rows get (bucket, era, seq, recorded_at); doing it twice changes nothing. */
import type { Changeset, Row } from "./changeset.ts";

/** What apply needs of the store. */
export interface ApplyTarget {
  insertRows(table: string, rows: readonly Row[]): Promise<void>;
}

/** Order matters: what cites comes after what is cited, and the changeset's own row, which says "applied", is last. */
const TABLE_ORDER = ["finding", "evidence", "identifier", "device", "belief", "event", "bss", "state", "summary"];

export async function applyChangeset(target: ApplyTarget, changeset: Changeset, hash: string): Promise<void> {
  const stamp = {
    bucket: changeset.bucket,
    era: changeset.era,
    seq: changeset.seq,
    recorded_at: new Date(changeset.recordedAt).toISOString(),
  };
  const order = (table: string) => {
    const i = TABLE_ORDER.indexOf(table);
    return i < 0 ? TABLE_ORDER.length : i;
  };
  let rowCount = 0;
  for (const { table, rows } of changeset.tables.toSorted((a, b) => order(a.table) - order(b.table))) {
    if (rows.length === 0) continue;
    rowCount += rows.length;
    await target.insertRows(
      table,
      rows.map((row) => ({ ...row, ...stamp })),
    );
  }
  await target.insertRows("changeset", [
    { ...stamp, derived_through: new Date(changeset.derivedThrough).toISOString(), code: changeset.code, hash, row_count: rowCount },
  ]);
}
