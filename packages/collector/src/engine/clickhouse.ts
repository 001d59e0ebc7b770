/** Starts ClickHouse as a child on loopback and waits until it answers. */
import { chmod, mkdir, statfs, writeFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import type { BaseLogger } from "pino";
import { openStore } from "../store/client.ts";
import { type Child, EngineError, type Exit, requireFreePort, spawnNode } from "./child.ts";
import { CLICKHOUSE_USER, type Shards, serverConfig, usersConfig } from "./clickhouse-config.ts";

export interface ClickHouseOptions {
  /** Folder of its tables; made where it is missing, mode 0700. */
  readonly data: string;
  readonly port: number;
  readonly password: string;
  readonly logger: BaseLogger;
  /** Cap of its memory, bytes; default a quarter of the machine's, between 1 and 4 GiB. */
  readonly memoryBytes?: number;
  readonly readyMs?: number;
  /** One of several that share a cluster, password and user; `index` says which. The native protocol then listens on loopback too. */
  readonly shard?: Shards & { readonly index: number };
}

export interface ClickHouse {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<Exit>;
}

const GIB = 1024 ** 3;
const FLOOR_BYTES = 64 * 1024 ** 2;
/** ClickHouse error codes: CANNOT_OPEN_FILE (the status file is locked), NETWORK_ERROR, NOT_ENOUGH_SPACE. */
const CODE = { locked: 76, network: 210, space: 243 };

async function writeConfig(o: ClickHouseOptions, folder: string): Promise<string> {
  const memoryBytes = o.memoryBytes ?? Math.min(4 * GIB, Math.max(GIB, Math.floor(totalmem() / 4)));
  const usersFile = join(folder, "users.xml");
  const backupFolder = join(folder, "backup/");
  const configFile = join(folder, "config.xml");
  await mkdir(backupFolder, { recursive: true });
  await writeFile(usersFile, usersConfig(o.password), { mode: 0o600 });
  const files = { password: o.password, usersFile, backupFolder, memoryBytes, ...(o.shard === undefined ? {} : { shards: o.shard }) };
  await writeFile(configFile, serverConfig(files), { mode: 0o600 });
  return configFile;
}

/** What a child that ended before it was ready tells us, by ClickHouse's error code. */
function explain(child: Child, exit: Exit, o: ClickHouseOptions): EngineError {
  const words = child.lastWords();
  const codes = words.flatMap((line) => [...line.matchAll(/\bCode: (\d{1,4})\./g)].map((m) => Number(m[1])));
  if (codes.includes(CODE.locked)) {
    return new EngineError(
      "folder-locked",
      `the data folder ${o.data} is in use by another ClickHouse; stop that one or choose another folder with --data`,
    );
  }
  if (codes.includes(CODE.network)) {
    return new EngineError("port-taken", `ClickHouse cannot use port ${o.port} of 127.0.0.1; choose another with --port`);
  }
  if (codes.includes(CODE.space)) return new EngineError("disk-full", `the disk of ${o.data} is full; free some space and start again`);
  const last = words.find((line) => line.includes("Code: ")) ?? words.at(-1) ?? "it said nothing";
  return new EngineError("not-ready", `ClickHouse ended before it was ready (status ${exit.code ?? exit.signal}): ${last}`);
}

/** @throws EngineError with one sentence that says what is in the way */
export async function startClickHouse(o: ClickHouseOptions): Promise<ClickHouse> {
  const folder = resolve(o.data);
  const tables = join(folder, "store");
  await mkdir(tables, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const disk = await statfs(folder);
  if (disk.bavail * disk.bsize < FLOOR_BYTES) {
    throw new EngineError("disk-full", `the disk of ${o.data} has less than 64 MiB left; free some space and start again`);
  }
  await requireFreePort("ClickHouse", o.port);
  const config = await writeConfig(o, folder);
  const nativePort = o.shard?.ports[o.shard.index];
  const args = [tables, String(o.port), config, ...(nativePort === undefined ? [] : [String(nativePort)])];
  const child = spawnNode("clickhouse", join(import.meta.dirname, "clickhouse-child.ts"), args, o.logger);
  const url = `http://127.0.0.1:${o.port}`;
  const server = openStore({ url, user: CLICKHOUSE_USER, password: o.password, database: "default", timeoutMs: 2_000 });
  const readyMs = o.readyMs ?? 30_000;
  const deadline = Date.now() + readyMs;
  let exit: Exit | null = null;
  void child.exited.then((e) => {
    exit = e;
  });
  try {
    while (!(await server.ready())) {
      if (exit !== null) throw explain(child, exit, o);
      if (Date.now() > deadline) {
        await child.stop(1_000);
        throw new EngineError("not-ready", `ClickHouse did not answer within ${readyMs / 1000} s`);
      }
      await new Promise((r) => setTimeout(r, 50));
    }
  } finally {
    await server.close();
  }
  return { url, user: CLICKHOUSE_USER, password: o.password, pid: child.pid, exited: child.exited, stop: () => child.stop() };
}
