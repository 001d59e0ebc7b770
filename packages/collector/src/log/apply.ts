/** Applying a published changeset to ClickHouse: rows get (bucket, era, seq, recorded_at); doing it twice changes nothing. */
import { insertApplied, type Store } from "../store/index.ts";
import type { Changeset } from "./changeset.ts";
import { FencedError } from "./publish.ts";

/** Order matters: what cites comes after what is cited, and the changeset's own row, which says "applied", is last. */
const TABLE_ORDER = ["finding", "evidence", "identifier", "device", "belief", "event", "bss", "state", "summary"];

/** @throws FencedError where the changeset's era has ended meanwhile: its rows are ignored for ever */
export async function applyChangeset(
  store: Pick<Store, "insert" | "command" | "query">,
  changeset: Changeset,
  hash: string,
): Promise<void> {
  const { bucket, era, seq, recordedAt, derivedThrough, code } = changeset;
  const stamp = { bucket, era, seq, recorded_at: new Date(recordedAt).toISOString() };
  const order = (table: string) => {
    const i = TABLE_ORDER.indexOf(table);
    return i < 0 ? TABLE_ORDER.length : i;
  };
  let rowCount = 0;
  for (const { table, rows } of changeset.tables.toSorted((a, b) => order(a.table) - order(b.table))) {
    if (rows.length === 0) continue;
    rowCount += rows.length;
    await store.insert(
      table,
      rows.map((row) => ({ ...row, ...stamp })),
    );
  }
  const taken = await insertApplied(store, { bucket, era, seq, recordedAt, derivedThrough, code, hash, rowCount });
  if (!taken) throw new FencedError(`bucket ${bucket}, era ${era}`);
}
