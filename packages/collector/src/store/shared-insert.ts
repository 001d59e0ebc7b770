/** Inserts of many buckets at once: rows for a table that come while an insert into it runs go in together. */
import { isBadRow, type Store } from "./client.ts";
import { Gather } from "./gather.ts";

/** Of one insert. */
const ROWS = 2_000;

type Rows = readonly object[];

export class SharedInsert {
  readonly #store: Store;
  readonly #tables = new Map<string, Gather<Rows, Error | null>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** On disk when it resolves. Nothing for no rows. */
  async insert(table: string, rows: Rows): Promise<void> {
    if (rows.length === 0) return;
    let gather = this.#tables.get(table);
    if (gather === undefined) {
      gather = new Gather({ answer: (lists) => this.#insert(table, lists), weigh: (list) => list.length, most: ROWS });
      this.#tables.set(table, gather);
    }
    const failure = await gather.ask(rows);
    if (failure !== null) throw failure;
  }

  async #insert(table: string, lists: readonly Rows[]): Promise<(Error | null)[]> {
    try {
      await this.#store.insert(table, lists.flat());
      return lists.map(() => null);
    } catch (error) {
      if (!isBadRow(error) || lists.length === 1) throw error;
      // A row that cannot be taken is the matter of its own bucket.
      return Promise.all(lists.map((list) => this.#store.insert(table, list).then(() => null, asError)));
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
