/** ClickHouse as one server, or as several that are one cluster, each a shard: children on loopback that reach each other by the native protocol. */
import { join } from "node:path";
import { startClickHouse } from "@vedette/collector/src/engine/index.ts";
import type { StoreOptions } from "@vedette/collector/src/store/index.ts";
import type { Logger } from "pino";
import type { OwnProcesses } from "./processes.ts";
import { freePort } from "./wait.ts";

const CLUSTER = "vedette";
const SHARD_BYTES = 1024 ** 3;

export interface ClickHousesOptions {
  readonly folder: string;
  /** 1: tables are not distributed. */
  readonly count: number;
  readonly password: string;
  readonly logger: Logger;
}

/** Adds "clickhouse", or "clickhouse-1" and so on. @returns what leads to the whole, by way of the first */
export async function addClickHouses(
  processes: OwnProcesses,
  { folder, count, password, logger }: ClickHousesOptions,
): Promise<StoreOptions> {
  const servers: { readonly name: string; readonly http: number; readonly native: number }[] = [];
  for (let i = 1; i <= count; i++)
    servers.push({ name: count === 1 ? "clickhouse" : `clickhouse-${i}`, http: await freePort(), native: await freePort() });
  const ports = servers.map(({ native }) => native);
  for (const [index, { name, http }] of servers.entries()) {
    const own = count === 1 ? {} : { memoryBytes: SHARD_BYTES, shard: { cluster: CLUSTER, ports, index } };
    await processes.add(name, { start: () => startClickHouse({ data: join(folder, name), port: http, password, logger, ...own }) });
  }
  const shards = servers.map(({ http }) => `http://127.0.0.1:${http}`);
  const options = { url: shards[0] ?? "", user: "vedette", password };
  return count === 1 ? options : { ...options, cluster: CLUSTER, shards };
}
