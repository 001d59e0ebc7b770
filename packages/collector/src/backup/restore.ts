/** `vedette collector restore`: a backup into an empty data folder and an empty database. All or nothing (docs/backup.md). */
import { randomBytes } from "node:crypto";
import { chmod, cp, mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { BaseLogger } from "pino";
import { type CollectorConfig, readCollectorConfig } from "../config.ts";
import { ChainError, verifyChain } from "../document/chain.ts";
import { createDatabase, documentStore, migrate, openStore, planTables, readMigrations, restoreTable } from "../store/index.ts";
import { CONFIG_FILE, isEmptyOrMissing, tablesFolder } from "./backup.ts";
import { BackupError } from "./backup-error.ts";
import { type Contents, readManifest, verifyFiles } from "./manifest.ts";
import { type ReachedServer, reachServer, startFresh } from "./server.ts";
import { isTar, unpack } from "./tar.ts";

export interface RestoreOptions {
  /** Absent: the config that lies in the backup. */
  readonly configFile?: string;
  readonly from: string;
  readonly serverBackups?: string;
  readonly logger: BaseLogger;
}

export interface RestoreReport {
  readonly data: string;
  readonly madeAt: string;
  readonly schema: number;
  readonly tables: number;
  /** Documents whose chains were verified. */
  readonly documents: number;
}

/** @throws BackupError (2, 3), ConfigError, EngineError, MigrationError; the data folder is empty again where it fails */
export async function restore(o: RestoreOptions): Promise<RestoreReport> {
  const given = resolve(o.from);
  if ((await stat(given).catch(() => null)) === null)
    throw new BackupError(2, `--from: ${o.from} is not there; give the folder or file of a backup`);
  const unpacked = isTar(given) ? `${given}.${randomBytes(6).toString("hex")}.unpacked` : null;
  try {
    if (unpacked !== null) {
      await mkdir(unpacked, { mode: 0o700 });
      await unpack(given, unpacked);
    }
    const source = unpacked ?? given;
    const contents = await readManifest(source, o.from);
    await verifyFiles(source, o.from, contents);
    const newest = (await readMigrations()).length;
    if (contents.schema > newest) {
      throw new BackupError(3, `${o.from}: has schema ${contents.schema}, this program knows ${newest}: install a newer version of it`);
    }
    const config = readCollectorConfig(o.configFile ?? join(source, CONFIG_FILE));
    if (config.buckets !== contents.buckets)
      throw new BackupError(
        2,
        `buckets: the backup was made with ${contents.buckets}, the config says ${config.buckets}; the number cannot change`,
      );
    const [was, is] = [contents.shards ?? 1, config.clickhouse.shards?.length ?? 1];
    if (was !== is)
      throw new BackupError(2, `clickhouse.shards: the backup was made of ${was}, the config has ${is}; restore it into as many`);
    if (!(await isEmptyOrMissing(config.data)))
      throw new BackupError(2, `data: ${config.data} is not empty; move it away, or name another folder in the config`);
    return await into(config, source, contents, o);
  } finally {
    if (unpacked !== null) await rm(unpacked, { recursive: true, force: true });
  }
}

async function into(config: CollectorConfig, source: string, contents: Contents, o: RestoreOptions): Promise<RestoreReport> {
  let server: ReachedServer | null = null;
  try {
    await placeFiles(config.data, source, contents);
    const { logger, serverBackups } = o;
    server = contents.embedded
      ? await startFresh(config, logger)
      : await reachServer({ config, logger, embedded: false, ...(serverBackups === undefined ? {} : { serverBackups }) });
    await fillTables(server, source, contents);
    const { schema } = await migrate({ ...server.options, observationTtlDays: config.observationDays });
    const documents = await verifyDocuments(server);
    await server.close();
    const tables = contents.tables.whole.length + contents.tables.definition.length;
    return { data: config.data, madeAt: contents.madeAt, schema, tables, documents };
  } catch (error) {
    await server?.close();
    // It was empty when we came.
    for (const entry of await readdir(config.data).catch(() => [])) await rm(join(config.data, entry), { recursive: true, force: true });
    throw error;
  }
}

/** Everything but the tables. Keys are readable by their owner alone, whatever the backup's disk made of their modes. */
async function placeFiles(data: string, source: string, contents: Contents): Promise<void> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  await chmod(data, 0o700);
  for (const { path } of contents.files) {
    if (path.startsWith("tables/") || path === CONFIG_FILE) continue;
    await mkdir(dirname(join(data, path)), { recursive: true, mode: 0o700 });
    await cp(join(source, path), join(data, path));
    await chmod(join(data, path), 0o600);
  }
}

async function fillTables({ places }: ReachedServer, source: string, contents: Contents): Promise<void> {
  for (const { options, store } of places) {
    const admin = openStore({ ...options, database: "default" });
    try {
      await createDatabase(admin, store.database);
    } finally {
      await admin.close();
    }
    const there = await planTables(store);
    if (there.whole.length + there.definition.length > 0)
      throw new BackupError(2, `clickhouse.database: ${store.database} holds tables already; name an empty one`);
  }
  for (const [i, { store, exchange }] of places.entries()) {
    const place = join(exchange, `vedette-${randomBytes(8).toString("hex")}`);
    try {
      await cp(join(source, tablesFolder(i, places.length)), place, { recursive: true });
      // Views last: they need the tables that they fill.
      for (const table of [...contents.tables.whole, ...contents.tables.definition])
        await restoreTable(store, table, contents.database, join(place, table));
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }
}

async function verifyDocuments({ options }: ReachedServer): Promise<number> {
  const store = openStore(options);
  try {
    return await verifyChains(documentStore(store));
  } finally {
    await store.close();
  }
}

async function verifyChains(documents: ReturnType<typeof documentStore>): Promise<number> {
  let verified = 0;
  for (const tenant of (await documents.heads()).keys()) {
    const chain = await documents.after(tenant, 0);
    try {
      verifyChain(chain);
    } catch (cause) {
      if (!(cause instanceof ChainError)) throw cause;
      throw new BackupError(3, `the documents of ${tenant} are no whole chain (${cause.message}); take another backup`, { cause });
    }
    verified += chain.length;
  }
  return verified;
}
