import { ClickHouseError } from "@clickhouse/client";
import { expect, it } from "vitest";
import type { Store } from "./client.ts";
import { sharingInserts } from "./shared-insert.ts";

interface Row {
  readonly n: number;
}

function setup(refuse: (rows: readonly Row[]) => Error | null) {
  const inserts: string[] = [];
  const store = {
    async insert(table: string, rows: readonly object[]) {
      const own = rows as readonly Row[];
      inserts.push(`${table} ${own.map(({ n }) => n).join(",")}`);
      await new Promise((resolve) => setImmediate(resolve));
      const error = refuse(own);
      if (error !== null) throw error;
    },
  };
  return { inserts, shared: sharingInserts(store as unknown as Store) };
}

const badRow = new ClickHouseError({ message: "cannot parse", code: "27", type: "CANNOT_PARSE_INPUT_ASSERTION_FAILED" });

it("puts what comes while an insert runs into the next one, table by table", async () => {
  const { inserts, shared } = setup(() => null);
  await Promise.all([
    shared.insert("a", [{ n: 1 }]),
    shared.insert("a", [{ n: 2 }, { n: 3 }]),
    shared.insert("b", [{ n: 4 }]),
    shared.insert("a", [{ n: 5 }]),
    shared.insert("a", []),
  ]);
  expect(inserts).toEqual(["a 1", "b 4", "a 2,3,5"]);
});

it("fails only the one whose row cannot be taken", async () => {
  const { shared } = setup((rows) => (rows.some(({ n }) => n === 3) ? badRow : null));
  const results = await Promise.allSettled([1, 2, 3, 4].map((n) => shared.insert("a", [{ n }])));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
});

it("fails all of an insert that was not confirmed", async () => {
  const { shared } = setup((rows) => (rows.length > 1 ? new Error("no answer") : null));
  const results = await Promise.allSettled([1, 2, 3].map((n) => shared.insert("a", [{ n }])));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
});
