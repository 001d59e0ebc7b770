/** Applying published changesets to ClickHouse: rows get (bucket, era, seq, recorded_at); doing it twice changes nothing. */
import { type AppliedRow, Gather, insertApplied, readMayApply, type Store, sharingInserts } from "../store/index.ts";
import type { Changeset, TableRows } from "./changeset.ts";
import { FencedError } from "./publish.ts";

/**
 * Order matters: the present, which readers see as it stands, comes after the history that it leads to, and the changeset's own row, which says
 * "applied", is last. Tables of one line are written together.
 */
const TABLE_ORDER: readonly (readonly string[])[] = [
  ["finding", "evidence", "identifier", "device", "belief", "event"],
  ["bss", "state", "summary"],
];
/** Of one statement. */
const APPLIED_AT_ONCE = 100;

function placeOf({ table }: TableRows): number {
  const i = TABLE_ORDER.findIndex((tables) => tables.includes(table));
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
    const stamped = ({ table, rows }: TableRows) =>
      this.#store.insert(
        table,
        rows.map((row) => ({ ...row, ...stamp })),
      );
    const places = Map.groupBy(changeset.tables, placeOf);
    for (let place = 0; place <= TABLE_ORDER.length; place++) await Promise.all((places.get(place) ?? []).map(stamped));
    const rowCount = changeset.tables.reduce((n, { rows }) => n + rows.length, 0);
    const isTaken = await this.#applied.ask({ bucket, era, seq, recordedAt, derivedThrough, code, hash, rowCount });
    if (!isTaken) throw fenced();
  }
}
