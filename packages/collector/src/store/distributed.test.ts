import { expect, it } from "vitest";
import { SHARDED_BY } from "./distributed.ts";
import { readMigrations } from "./migrate.ts";
import { placesOf } from "./place.ts";

const TABLE = /CREATE TABLE IF NOT EXISTS (\w+) \{on_cluster\}[\s\S]*?ORDER BY \(([^)]+)\)/g;

it("divides the rows of every table by columns of its sorting key, so that what collapses lies on one shard", async () => {
  const sql = (await readMigrations()).map((m) => m.template).join("\n");
  const tables = [...sql.matchAll(TABLE)].map(([, name = "", order = ""]) => ({ name, order: order.split(",").map((c) => c.trim()) }));
  expect(tables.map((t) => t.name).sort()).toEqual(Object.keys(SHARDED_BY).sort());
  for (const { name, order } of tables) {
    const key = SHARDED_BY[name]?.split(", ") ?? [];
    expect([name, key.filter((column) => !order.includes(column))]).toEqual([name, []]);
  }
});

it("divides what a materialized view writes as what it reads", () => {
  expect([SHARDED_BY["fact"], SHARDED_BY["confirmed"]]).toEqual([SHARDED_BY["observation"], SHARDED_BY["observation"]]);
});

it("looks for rows in the database of one server, in another one of each shard, or where ON CLUSTER reaches", () => {
  const one = { url: "http://a:1", user: "u", password: "p", database: "d" };
  expect(placesOf(one)).toEqual([one]);
  expect(placesOf({ ...one, cluster: "c", shards: ["http://a:1", "http://b:1"] })).toEqual([
    { ...one, database: "d_shard" },
    { ...one, url: "http://b:1", database: "d_shard" },
  ]);
  expect(placesOf({ ...one, cluster: "c" })).toEqual([{ ...one, database: "d_shard", cluster: "c" }]);
});
