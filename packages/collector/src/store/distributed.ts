/**
 * The tables that are read and written where there are several shards: each is a Distributed table over its namesakes in the shards'
 * database. Rows that collapse into one have the same key here, and so lie on one shard, where the engine collapses them.
 */
import { openStore, type StoreOptions } from "./client.ts";
import { databaseOf, shardDatabase } from "./place.ts";
import { MigrationError, onCluster } from "./placeholder.ts";

const OBSERVATION = "tenant, site, agent";
const DEVICE = "tenant, site, device";

/** Columns by whose hash the rows of a table are divided. Materialized views fill `fact` and `confirmed` on the shard of the observation. */
export const SHARDED_BY: Readonly<Record<string, string>> = {
  observation: OBSERVATION,
  fact: OBSERVATION,
  confirmed: OBSERVATION,
  epoch: OBSERVATION,
  document: "tenant",
  quarantine: "tenant, id",
  quarantine_decision: "tenant, id",
  changeset: "bucket",
  era: "bucket",
  belief: DEVICE,
  device: DEVICE,
  state: DEVICE,
  summary: DEVICE,
  event: "tenant, site, id",
  identifier: "tenant, kind, value",
  evidence: "tenant, site, observation",
  finding: "tenant, id",
  bss: "tenant, site, bssid",
};

/** Not for reading: what a migration notes of itself, on each server. */
const LOCAL = "schema_migration";

/**
 * Makes the Distributed tables anew, so that they have the columns that the newest migration gave the tables behind them.
 * @throws MigrationError where a table has no key above
 */
export async function distribute(o: StoreOptions & { readonly cluster: string }): Promise<void> {
  const { cluster } = o;
  const [front, behind] = [databaseOf(o), shardDatabase(o)];
  // Asked in either case, as it refuses a name that is none: the name stands in every statement below.
  const clause = onCluster(cluster);
  const everywhere = o.shards === undefined ? clause : "";
  for (const url of o.shards ?? [o.url]) {
    const server = openStore({ ...o, url, database: "default" });
    try {
      await server.command(`CREATE DATABASE IF NOT EXISTS ${front} ${everywhere} ENGINE = Atomic`);
      const tables = await server.query<{ name: string }>(
        "SELECT name FROM system.tables WHERE database = {behind:String} AND engine != 'MaterializedView' ORDER BY name",
        { behind },
      );
      for (const { name } of tables) {
        if (name === LOCAL) continue;
        const key = SHARDED_BY[name];
        if (key === undefined) throw new MigrationError(`${name}: nothing says how its rows are divided among shards`);
        await server.command(
          `CREATE OR REPLACE TABLE ${front}.${name} ${everywhere} AS ${behind}.${name} ENGINE = Distributed('${cluster}', '${behind}', '${name}', cityHash64(${key}))`,
        );
      }
    } finally {
      await server.close();
    }
  }
}
