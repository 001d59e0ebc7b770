/** Applying published changesets to ClickHouse: rows get (bucket, era, seq, recorded_at); doing it twice changes nothing. */
import { type AppliedRow, Gather, insertApplied, readMayApply, type Store, sharingInserts } from "../store/index.ts";
import type { Changeset } from "./changeset.ts";
import { FencedError } from "./publish.ts";

/** Order matters: what cites comes after what is cited, and the changeset's own row, which says "applied", is last. */
const TABLE_ORDER = ["finding", "evidence", "identifier", "device", "belief", "event", "bss", "state", "summary"];
/** Of one statement. */
const APPLIED_AT_ONCE = 100;

function place(table: string): number {
  const i = TABLE_ORDER.indexOf(table);
  return i < 0 ? TABLE_ORDER.length : i;
}

/** For all buckets of a process: what they apply at the same time goes into the same inserts. */
export class Applier {
  readonly #store: Store;
  readonly #may: Gather<Pick<AppliedRow, "bucket" | "era" | "seq" | "hash">, boolean>;
  readonly #applied: Gather<AppliedRow, boolean>;

  constructor(store: Store) {
    this.#store = sharingInserts(store);
    this.#may = new Gather({ answer: (rows) => readMayApply(store, rows), weigh: () => 1, most: APPLIED_AT_ONCE });
    this.#applied = new Gather({ answer: (rows) => insertApplied(store, rows), weigh: () => 1, most: APPLIED_AT_ONCE });
  }

  /** @throws FencedError where the changeset's era has ended, or another stands at its place: none of its rows shows */
  async apply(changeset: Changeset, hash: string): Promise<void> {
    const { bucket, era, seq, recordedAt, derivedThrough, code } = changeset;
    const fenced = () => new FencedError(`bucket ${bucket}, era ${era}`);
    // Rows of a place that another holds already would count as that one's.
    if (!(await this.#may.ask({ bucket, era, seq, hash }))) throw fenced();
    const stamp = { bucket, era, seq, recorded_at: new Date(recordedAt).toISOString() };
    let rowCount = 0;
    for (const { table, rows } of changeset.tables.toSorted((a, b) => place(a.table) - place(b.table))) {
      rowCount += rows.length;
      await this.#store.insert(
        table,
        rows.map((row) => ({ ...row, ...stamp })),
      );
    }
    const isTaken = await this.#applied.ask({ bucket, era, seq, recordedAt, derivedThrough, code, hash, rowCount });
    if (!isTaken) throw fenced();
  }
}
