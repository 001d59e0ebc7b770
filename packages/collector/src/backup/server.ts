/** The ClickHouse that is backed up or filled: one that answers, or the installation's own child for as long as it takes. */
import { access, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import type { BaseLogger } from "pino";
import type { CollectorConfig } from "../config.ts";
import { startClickHouse } from "../engine/clickhouse.ts";
import { storeOptions } from "../foundation.ts";
import { openStore, placesOf, type Store, type StoreOptions } from "../store/index.ts";
import { BackupError } from "./backup-error.ts";

/** One server and the database in which its tables themselves lie. */
export interface Place {
  readonly options: StoreOptions;
  readonly store: Store;
  /** The server's backups.allowed_path as this process sees it. */
  readonly exchange: string;
}

export interface ReachedServer {
  /** Of the whole. */
  readonly options: StoreOptions;
  /** One, or one for each shard. */
  readonly places: readonly [Place, ...Place[]];
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly config: CollectorConfig;
  readonly logger: BaseLogger;
  /** True: the server is the child of this data folder. */
  readonly embedded: boolean;
  /** backups.allowed_path of a server that is not ours, mounted here under the same path; of several shards all of them, with commas. */
  readonly serverBackups?: string;
}

const BACKUPS = "backup";

/** True where the data folder has a ClickHouse of its own. */
export function hasOwnServer(config: CollectorConfig): Promise<boolean> {
  return access(join(config.data, "clickhouse", "config.xml")).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen({ host: "127.0.0.1", port: 0 }, done);
  });
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === "string") throw new BackupError(3, "127.0.0.1 has no free port for ClickHouse; free one");
  return address.port;
}

async function startOwn(config: CollectorConfig, logger: BaseLogger): Promise<ReachedServer> {
  const data = resolve(config.data, "clickhouse");
  const password = (await readFile(join(config.data, "keys", "clickhouse-password"), "utf8")).trim();
  const child = await startClickHouse({ data, port: await freePort(), password, logger });
  const options = { url: child.url, user: child.user, password, database: config.clickhouse.database };
  const store = openStore(options);
  return {
    options,
    places: [{ options, store, exchange: join(data, BACKUPS) }],
    async close() {
      await store.close();
      await child.stop();
    },
  };
}

/** @throws BackupError 2, 3; EngineError; ConfigError */
export async function reachServer(o: ServerOptions): Promise<ReachedServer> {
  const { config, logger, embedded, serverBackups } = o;
  const { url, cluster, shards } = config.clickhouse;
  if (cluster !== undefined && shards === undefined) {
    throw new BackupError(2, `clickhouse.cluster: the tables of ${cluster} are backed up by its own BACKUP ON CLUSTER; see docs/backup.md`);
  }
  if (!embedded && serverBackups === undefined) {
    throw new BackupError(
      2,
      `--server-backups: is missing; name the folder that ${url} has as backups.allowed_path, mounted here under the same path`,
    );
  }
  const options = storeOptions(config);
  const exchanges = serverBackups?.split(",") ?? [join(config.data, "clickhouse", BACKUPS)];
  const reached = placesOf(options);
  if (exchanges.length !== reached.length) {
    throw new BackupError(
      2,
      `--server-backups: names ${exchanges.length} folders; give one for each of the ${reached.length} shards, with commas`,
    );
  }
  const [first, ...others] = reached.map((place, i) => ({
    options: place,
    store: openStore(place),
    exchange: resolve(exchanges[i] ?? ""),
  }));
  if (first === undefined) throw new BackupError(2, "clickhouse.shards: names no server; list them");
  const places = [first, ...others] as const;
  const close = async () => {
    for (const { store } of places) await store.close();
  };
  let silent: string | null = null;
  for (const place of places) if (!(await place.store.ready())) silent ??= place.options.url;
  // The child of a running installation answers; that of a stopped one is started for this.
  if (silent === null) return { options, places, close };
  await close();
  if (!embedded) throw new BackupError(3, `clickhouse.url: ${silent} does not answer; start that ClickHouse or correct the url`);
  return startOwn(config, logger);
}

/** For a restore: a new child on a folder that has just been made. */
export function startFresh(config: CollectorConfig, logger: BaseLogger): Promise<ReachedServer> {
  return startOwn(config, logger);
}
