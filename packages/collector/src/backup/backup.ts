/** `vedette collector backup`: truth, history and keys of one installation, running or stopped, as a folder or a tar (docs/backup.md). */
import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { BaseLogger } from "pino";
import type { CollectorConfig } from "../config.ts";
import { backupTable, planTables, readSchema } from "../store/index.ts";
import { BackupError } from "./backup-error.ts";
import { type Contents, describeFiles, FORMAT, writeManifest } from "./manifest.ts";
import { hasOwnServer, type ReachedServer, reachServer } from "./server.ts";
import { isTar, pack } from "./tar.ts";

export interface BackupOptions {
  readonly config: CollectorConfig;
  /** The config's own file: it goes into the backup. */
  readonly configFile: string;
  /** A folder that is missing or empty, or a file that is missing and ends in .tar. */
  readonly to: string;
  readonly serverBackups?: string;
  readonly logger: BaseLogger;
  readonly now?: () => number;
}

export interface BackupReport {
  readonly to: string;
  readonly schema: number;
  readonly tables: number;
  readonly files: number;
  readonly bytes: number;
  readonly leftOut: readonly string[];
}

/** Of the data folder, beside keys/. The agent's outbox is its own: what has no receipt is lost with the folder. */
const KEPT = ["instance.json", "agent.yaml", "agent/identity.json"];
export const CONFIG_FILE = "collector.yaml";
const LEFT_OUT = [
  "state, summary, bss: the present, derived again when a collector opens its buckets",
  "nats: the broker's store, made again from keys and documents",
  "agent/outbox: observations of this machine's agent that have no receipt yet",
];

export async function isEmptyOrMissing(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null) return true;
  return found.isDirectory() && (await readdir(path)).length === 0;
}

/** @throws BackupError (2, 3), ConfigError, EngineError; nothing is left at `to` where it fails */
export async function backup(o: BackupOptions): Promise<BackupReport> {
  const to = resolve(o.to);
  if (isTar(to) ? (await stat(to).catch(() => null)) !== null : !(await isEmptyOrMissing(to)))
    throw new BackupError(2, `--to: ${o.to} holds something already; give a new folder, or a new file that ends in .tar`);
  const embedded = await hasOwnServer(o.config);
  const staging = `${to}.${randomBytes(6).toString("hex")}.partial`;
  const server = await reachServer({ ...o, embedded });
  try {
    await mkdir(dirname(to), { recursive: true });
    await mkdir(staging, { mode: 0o700 });
    const contents = await fill(staging, server, o, embedded);
    await writeManifest(staging, contents);
    if (isTar(to)) await packTo(staging, to);
    else await rename(staging, to);
    const bytes = contents.files.reduce((n, f) => n + f.bytes, 0);
    const { whole, definition } = contents.tables;
    return {
      to,
      schema: contents.schema,
      tables: whole.length + definition.length,
      files: contents.files.length,
      bytes,
      leftOut: LEFT_OUT,
    };
  } finally {
    await rm(staging, { recursive: true, force: true });
    await server.close();
  }
}

async function packTo(folder: string, file: string): Promise<void> {
  await pack(folder, `${folder}.tar`);
  await rename(`${folder}.tar`, file).finally(() => rm(`${folder}.tar`, { force: true }));
}

/** Where in a backup the tables of a shard are; `shard` counts from 0. */
export function tablesFolder(shard: number, shards: number): string {
  return shards === 1 ? "tables" : join("tables", `shard-${shard + 1}`);
}

async function fill(staging: string, { places }: ReachedServer, o: BackupOptions, embedded: boolean): Promise<Contents> {
  const [{ store }] = places;
  const schema = await readSchema(store);
  if (schema === 0) throw new BackupError(3, `clickhouse.database: ${store.database} holds no tables of ours; correct the config`);
  const plan = await planTables(store);
  const targets = places.map((place) => ({ place, exchange: join(place.exchange, `vedette-${randomBytes(8).toString("hex")}`) }));
  try {
    const each = async (table: string, definitionOnly: boolean) => {
      for (const { place, exchange } of targets) await backupTable(place.store, table, join(exchange, table), definitionOnly);
    };
    // A table of all shards before the next one: what refers comes before what it refers to, wherever that lies.
    for (const table of plan.whole) await each(table, false);
    for (const table of plan.definition) await each(table, true);
    for (const [i, { exchange }] of targets.entries())
      await cp(exchange, join(staging, tablesFolder(i, targets.length)), { recursive: true });
  } finally {
    for (const { exchange } of targets) await rm(exchange, { recursive: true, force: true });
  }
  // After the documents: a person's key is made before the document that needs it.
  await cp(join(o.config.data, "keys"), join(staging, "keys"), { recursive: true, filter: (path) => !path.endsWith(".new") });
  await cp(o.configFile, join(staging, CONFIG_FILE));
  for (const path of KEPT) {
    if ((await stat(join(o.config.data, path)).catch(() => null)) !== null) await cp(join(o.config.data, path), join(staging, path));
  }
  const madeAt = new Date((o.now ?? Date.now)()).toISOString();
  const files = await describeFiles(staging);
  const { database } = store;
  return {
    format: FORMAT,
    madeAt,
    schema,
    database,
    buckets: o.config.buckets,
    embedded,
    ...(places.length === 1 ? {} : { shards: places.length }),
    tables: { whole: [...plan.whole], definition: [...plan.definition] },
    leftOut: LEFT_OUT,
    files,
  };
}
