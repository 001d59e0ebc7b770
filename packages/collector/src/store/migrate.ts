/** Brings the schema up to the newest numbered migration. Running it again changes nothing. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore, type Store, type StoreOptions } from "./client.ts";
import { distribute } from "./distributed.ts";
import { databaseOf, placesOf } from "./place.ts";
import { engine, fill, MigrationError, onCluster, type Shape, statements } from "./placeholder.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  /** With its placeholders. */
  readonly template: string;
  /** SHA-256 of the template, hex. */
  readonly hash: string;
}

export interface MigrateOptions extends StoreOptions {
  /** How long raw observations are kept; default 396 (13 months). */
  readonly observationTtlDays?: number;
}

export interface Migrated {
  /** Number of the newest migration in place: the schema's version. */
  readonly schema: number;
  readonly applied: readonly string[];
}

const FOLDER = join(import.meta.dirname, "migration");
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/** The migrations of this program, in order. */
export async function readMigrations(folder: string = FOLDER): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const match = FILE_NAME.exec(file);
    if (match === null) continue;
    const template = await readFile(join(folder, file), "utf8");
    const number = Number(match[1]);
    if (number !== migrations.length + 1) throw new MigrationError(`${file}: the migration before it is missing`);
    migrations.push({ number, name: file.replace(/\.sql$/, ""), template, hash: createHash("sha256").update(template).digest("hex") });
  }
  return migrations;
}

async function prepare(o: StoreOptions): Promise<void> {
  const server = openStore({ ...o, database: "default" });
  try {
    await server.command(`CREATE DATABASE IF NOT EXISTS \`${databaseOf(o)}\` ${onCluster(o.cluster ?? null)} ENGINE = Atomic`);
  } finally {
    await server.close();
  }
}

async function readApplied(store: Store, cluster: string | null): Promise<Map<number, string>> {
  await store.command(`CREATE TABLE IF NOT EXISTS schema_migration ${onCluster(cluster)}
    (number UInt32, name String, hash String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
    ENGINE = ${engine("ReplacingMergeTree", cluster)} ORDER BY number`);
  const rows = await store.query<{ number: number; hash: string }>("SELECT number, hash FROM schema_migration FINAL ORDER BY number");
  return new Map(rows.map((r) => [r.number, r.hash]));
}

/** @throws MigrationError where the database is newer than this program, or was made by another text of a migration */
export async function migrate(o: MigrateOptions): Promise<Migrated> {
  const applied = new Set<string>();
  let schema = 0;
  const { observationTtlDays = 396, ...options } = o;
  for (const place of placesOf(options)) {
    const done = await migratePlace(place, { cluster: place.cluster ?? null, observationTtlDays });
    schema = done.schema;
    for (const name of done.applied) applied.add(name);
  }
  const { cluster } = o;
  if (cluster !== undefined) await distribute({ ...options, cluster });
  return { schema, applied: [...applied] };
}

async function migratePlace(o: StoreOptions, shape: Shape): Promise<Migrated> {
  const migrations = await readMigrations();
  await prepare(o);
  const store = openStore(o);
  try {
    const done = await readApplied(store, shape.cluster);
    const newest = Math.max(0, ...done.keys());
    if (newest > migrations.length) {
      throw new MigrationError(`the database has schema ${newest}, this program knows ${migrations.length}: install a newer version of it`);
    }
    const applied: string[] = [];
    for (const m of migrations) {
      const hash = done.get(m.number);
      if (hash === m.hash) continue;
      if (hash !== undefined) {
        throw new MigrationError(
          `migration ${m.name} was changed after it had been applied here: restore its text, or start with an empty data folder`,
        );
      }
      // Every statement is IF NOT EXISTS: a migration that was cut short is simply run again.
      for (const statement of statements(fill(m.template, shape))) await store.command(statement);
      await store.insert("schema_migration", [{ number: m.number, name: m.name, hash: m.hash }]);
      applied.push(m.name);
    }
    return { schema: migrations.length, applied };
  } finally {
    await store.close();
  }
}
