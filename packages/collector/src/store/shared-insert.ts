/** Inserts of many buckets at once: rows for a table that come while an insert into it runs go in together. */
import { isBadRow, type Store } from "./client.ts";
import { Gather } from "./gather.ts";

/** Of one insert. */
const ROWS = 10_000;

type Rows = readonly object[];

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The same store, for several writers at a time. */
export function sharingInserts(store: Store): Store {
  const insertAll = async (table: string, lists: readonly Rows[]): Promise<(Error | null)[]> => {
    try {
      await store.insert(table, lists.flat());
      return lists.map(() => null);
    } catch (error) {
      if (!isBadRow(error) || lists.length === 1) throw error;
      // A row that cannot be taken is the matter of its own writer.
      return Promise.all(lists.map((list) => store.insert(table, list).then(() => null, asError)));
    }
  };
  const tables = new Map<string, Gather<Rows, Error | null>>();
  const gatherOf = (table: string) => {
    const known = tables.get(table);
    if (known !== undefined) return known;
    const made = new Gather<Rows, Error | null>({ answer: (lists) => insertAll(table, lists), weigh: (list) => list.length, most: ROWS });
    tables.set(table, made);
    return made;
  };
  return {
    ...store,
    async insert(table, rows) {
      if (rows.length === 0) return;
      const failure = await gatherOf(table).ask(rows);
      if (failure !== null) throw failure;
    },
  };
}
