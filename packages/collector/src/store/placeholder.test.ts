import { expect, it } from "vitest";
import { readMigrations } from "./migrate.ts";
import { engine, fill, MigrationError, onCluster, statements } from "./placeholder.ts";

const ONE = { cluster: null, observationTtlDays: 396 };
const CLUSTER = { cluster: "vedette", observationTtlDays: 30 };

it("fills engines for one server and for a cluster", () => {
  expect(engine("ReplacingMergeTree", null)).toBe("ReplacingMergeTree()");
  expect(engine("ReplacingMergeTree(version)", null)).toBe("ReplacingMergeTree(version)");
  expect(engine("ReplacingMergeTree", "c")).toBe(
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')",
  );
  expect(engine("ReplacingMergeTree(version)", "c")).toBe(
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)",
  );
});

it("refuses cluster names that would end the quotes, and placeholders it does not know", () => {
  expect(() => onCluster("a' b")).toThrow(MigrationError);
  expect(() => fill("CREATE TABLE x {on_clusters}", ONE)).toThrow(/\{on_clusters\}/);
});

it("splits statements at line ends only, without comments", () => {
  expect(statements("-- a; b\nSELECT ';' AS x;\n\nSELECT 2;\n")).toEqual(["SELECT ';' AS x", "SELECT 2"]);
});

it("leaves nothing to fill in any migration, and every statement can be run again", async () => {
  for (const migration of await readMigrations()) {
    for (const shape of [ONE, CLUSTER]) {
      const list = statements(fill(migration.template, shape));
      expect(list.length).toBeGreaterThan(0);
      for (const statement of list) {
        expect(statement).toMatch(
          /^(CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS|ALTER TABLE \w+ +(ON CLUSTER '\w+' )?(ADD|DROP|MATERIALIZE) \w+ IF )/,
        );
        expect(statement.replaceAll(/'[^']*'/g, "")).not.toMatch(/[{}]/);
        if (shape === CLUSTER) expect(statement).toContain("ON CLUSTER 'vedette'");
      }
    }
  }
});
