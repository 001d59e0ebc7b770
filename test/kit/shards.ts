/** Several real ClickHouse servers as one cluster, each a shard: children on loopback that reach each other by the native protocol. */
import { join } from "node:path";
import { type ClickHouse, startClickHouse } from "@vedette/collector/src/engine/index.ts";
import type { StoreOptions } from "@vedette/collector/src/store/index.ts";
import type { Logger } from "pino";
import { freePort } from "./wait.ts";

export const CLUSTER = "vedette";

export interface ShardsOptions {
  readonly folder: string;
  readonly count: number;
  readonly password: string;
  readonly logger: Logger;
}

export interface Shards {
  /** In the order of the shards. */
  readonly servers: readonly ClickHouse[];
  /** Of the whole, asked by way of the first. */
  readonly options: StoreOptions & { readonly cluster: string; readonly shards: readonly string[] };
  /** kill -9. */
  kill(index: number): Promise<void>;
  /** The same folder and ports again. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startShards({ folder, count, password, logger }: ShardsOptions): Promise<Shards> {
  const ports: number[] = [];
  const http: number[] = [];
  for (let i = 0; i < count; i++) {
    ports.push(await freePort());
    http.push(await freePort());
  }
  const memoryBytes = 1024 ** 3;
  const start = (index: number) =>
    startClickHouse({
      data: join(folder, `clickhouse-${index + 1}`),
      port: http[index] ?? 0,
      password,
      logger,
      memoryBytes,
      shard: { cluster: CLUSTER, ports, index },
    });
  const servers = await Promise.all(ports.map((_, index) => start(index)));
  const urls = servers.map(({ url }) => url);
  return {
    servers,
    options: { url: urls[0] ?? "", user: servers[0]?.user ?? "", password, cluster: CLUSTER, shards: urls },
    async kill(index) {
      const server = servers[index];
      if (server === undefined) throw new RangeError(`there is no shard ${index}`);
      process.kill(server.pid, "SIGKILL");
      await server.exited;
    },
    async restart(index) {
      servers[index] = await start(index);
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
