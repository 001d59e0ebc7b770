/** BACKUP and RESTORE of the tables, one statement each: the order in which they are read is what makes a backup of a running store whole. */
import type { Store } from "./client.ts";

/** Made again from truth and history by the first opening of each bucket: only their definitions are kept. */
const PRESENT = new Set(["state", "summary", "bss"]);

/**
 * What refers comes before what it refers to. A changeset's own row is written after its rows, so history that is read later holds all of
 * it, and what it holds beyond is cut off when the next era opens; an era's row is written before its changesets; documents and input
 * that a changeset has used are there before it; an observation is there once its compact form is asked for, its epoch before it.
 */
const FIRST = ["changeset", "era"];
const LAST = ["document", "observation", "fact", "confirmed", "epoch"];

export interface TablePlan {
  readonly whole: readonly string[];
  /** Definitions alone: the present, and views that have no rows of their own. */
  readonly definition: readonly string[];
}

export async function planTables(store: Store): Promise<TablePlan> {
  const sql = "SELECT name, engine FROM system.tables WHERE database = {database:String} AND NOT is_temporary ORDER BY name";
  const tables = await store.query<{ name: string; engine: string }>(sql, { database: store.database });
  const definition = tables.filter((t) => PRESENT.has(t.name) || t.engine === "MaterializedView").map((t) => t.name);
  const rest = tables.map((t) => t.name).filter((name) => !definition.includes(name));
  const there = (names: readonly string[]) => names.filter((name) => rest.includes(name));
  const between = rest.filter((name) => !FIRST.includes(name) && !LAST.includes(name));
  return { whole: [...there(FIRST), ...between, ...there(LAST)], definition };
}

/** Number of the newest migration in place; 0 where there is none. */
export async function readSchema(store: Store): Promise<number> {
  const [row] = await store.query<{ n: number }>(
    "SELECT count() AS n FROM system.tables WHERE database = {database:String} AND name = 'schema_migration'",
    { database: store.database },
  );
  if (row?.n !== 1) return 0;
  const [newest] = await store.query<{ n: number }>("SELECT max(number) AS n FROM schema_migration");
  return newest?.n ?? 0;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;
}

function name(identifier: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(identifier)) throw new TypeError("no name of a table of ours");
  return `\`${identifier}\``;
}

/** `folder`: absolute, as the server sees it, under its backups.allowed_path. */
export async function backupTable(store: Store, table: string, folder: string, definitionOnly: boolean): Promise<void> {
  const settings = definitionOnly ? " SETTINGS structure_only = true" : "";
  await store.command(`BACKUP TABLE ${name(store.database)}.${name(table)} TO File(${quoted(folder)})${settings}`);
}

/** `from`: the database's name when the backup was made. */
export async function restoreTable(store: Store, table: string, from: string, folder: string): Promise<void> {
  await store.command(`RESTORE TABLE ${name(from)}.${name(table)} AS ${name(store.database)}.${name(table)} FROM File(${quoted(folder)})`);
}

/** Run on a connection to any database. */
export async function createDatabase(server: Store, database: string): Promise<void> {
  await server.command(`CREATE DATABASE IF NOT EXISTS ${name(database)} ENGINE = Atomic`);
}
