/**
 * A centre of processes on free ports: nats-server and its watcher, ClickHouse as one server or as several shards, the collector as a user runs it. Each
 * can be killed, stopped and started again.
 */
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { createUser } from "@nats-io/nkeys";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { loadOrMakeKeys } from "@vedette/collector";
import { type Child, spawnNode } from "@vedette/collector/src/engine/child.ts";
import { startClickHouse, startNats } from "@vedette/collector/src/engine/index.ts";
import { openStore, type Store } from "@vedette/collector/src/store/index.ts";
import { type AgentAddress, inboxPrefix } from "@vedette/proto";
import { type Logger, pino } from "pino";
import { type RestApi, restApi } from "./rest.ts";
import { CLUSTER } from "./shards.ts";
import { mountSmallDisk, unmountSmallDisk } from "./small-disk.ts";
import { freePort } from "./wait.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const READY_MS = 90_000;
const HOUR_MS = 3_600_000;
const SHARD_BYTES = 1024 ** 3;

interface Running {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  stop(): Promise<unknown>;
}

export interface World {
  readonly folder: string;
  readonly tenant: string;
  readonly site: string;
  /** Of the collector. */
  readonly configFile: string;
  readonly store: Store;
  readonly api: RestApi;
  readonly logger: Logger;
  /** Enrols one agent. */
  readonly agentToken: string;
  /** In the order in which they start: "nats", "clickhouse" or "clickhouse-1" and so on, "collector". */
  readonly parts: readonly string[];
  /** Folders of those parts whose disks are small enough to be filled, by part. */
  readonly smallDisks: ReadonlyMap<string, string>;
  /** Null while it does not run. Of nats: nats-server's own, not its watcher's. */
  pid(part: string): number | null;
  /** Resolves when it is ready; does nothing where it runs already. */
  start(part: string): Promise<void>;
  /** In order. */
  stop(part: string): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(part: string): Promise<void>;
  /** Deletes every stream of the running broker: observations on their way, the log, the events. @returns how many there were */
  deleteStreams(): Promise<number>;
  /** As a collector, to its own account or to the tenant's. The caller closes it. */
  connect(account: "centre" | "tenant"): Promise<NatsConnection>;
  /** As an agent, with exactly its permissions. */
  connectAgent(address: AgentAddress): Promise<NatsConnection>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Each device is derived anew within this time. */
  readonly sweepSeconds?: number;
  /** Servers over which the tables are distributed; default 1: not distributed. */
  readonly shards?: number;
  /** Gives the broker and a store that is one server disks of their own, where this user may mount: MiB, by part. */
  readonly diskMib?: Readonly<Record<string, number>>;
}

export async function startWorld(o: WorldOptions = {}): Promise<World> {
  const [tenant, site] = ["demo", "site-1"];
  const folder = await mkdtemp(join(tmpdir(), "vedette-world-"));
  const logger = pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" }, pino.destination(2));
  const keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now: Date.now() });
  await keys.nats.ensureTenant(tenant);
  const [http, grpc, nats] = [await freePort(), await freePort(), await freePort()];
  const stores: { readonly name: string; readonly port: number; readonly native: number }[] = [];
  const count = o.shards ?? 1;
  for (let i = 1; i <= count; i++)
    stores.push({ name: count === 1 ? "clickhouse" : `clickhouse-${i}`, port: await freePort(), native: await freePort() });
  const password = "a password of this run";
  const passwordFile = join(folder, "keys", "clickhouse-password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const natsUrl = `nats://127.0.0.1:${nats}`;
  const [url = "", ...others] = stores.map(({ port }) => `http://127.0.0.1:${port}`);
  const sharded = count === 1 ? {} : { cluster: CLUSTER, shards: [url, ...others] };
  const configFile = join(folder, "collector.yaml");
  const config = {
    data: folder,
    http: { port: http },
    grpc: { port: grpc },
    nats: { url: natsUrl },
    clickhouse: { url, passwordFile, ...sharded },
    firstStart: { tenant, site },
    ...(o.sweepSeconds === undefined ? {} : { sweepSeconds: o.sweepSeconds }),
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  /** Told once, at the first start. */
  const tokens = { agentToken: "", apiToken: "" };
  const ports = stores.map(({ native }) => native);
  const starts = new Map<string, () => Promise<Running>>();
  const smallDisks = new Map<string, string>();
  for (const part of ["nats", ...stores.map(({ name }) => name)]) {
    const own = join(folder, part);
    await mkdir(own, { mode: 0o700 });
    const mib = o.diskMib?.[part];
    if (mib !== undefined && (await mountSmallDisk(own, mib))) smallDisks.set(part, own);
  }
  starts.set("nats", async () => startNats({ data: join(folder, "nats"), port: nats, logger, ...(await keys.nats.trust()) }));
  for (const [index, { name, port }] of stores.entries()) {
    const own = count === 1 ? {} : { memoryBytes: SHARD_BYTES, shard: { cluster: CLUSTER, ports, index } };
    starts.set(name, () => startClickHouse({ data: join(folder, name), port, password, logger, ...own }));
  }
  starts.set("collector", async () => {
    const { child, said } = await startCollector(configFile, logger);
    tokens.agentToken ||= said.agentToken ?? "";
    tokens.apiToken ||= said.apiToken ?? "";
    return child;
  });
  const parts = [...starts.keys()];
  const running = new Map<string, Running>();
  const start = async (part: string) => {
    const child = running.has(part) ? undefined : await starts.get(part)?.();
    if (child === undefined) return;
    running.set(part, child);
    void child.exited.then(() => {
      if (running.get(part) === child) running.delete(part);
    });
  };
  const pid = (part: string) => (part === "nats" ? natsServer(folder) : (running.get(part)?.pid ?? null));
  const stop = async (part: string) => {
    await running.get(part)?.stop();
    running.delete(part);
  };
  const store = openStore({ url, user: "vedette", password, ...sharded });
  const connections: NatsConnection[] = [];
  const open = async (user: { jwt: string; seed: Uint8Array }, prefix = "_INBOX") => {
    const authenticator = jwtAuthenticator(user.jwt, user.seed);
    const connection = await connect({ servers: natsUrl, authenticator, inboxPrefix: prefix, maxReconnectAttempts: -1 });
    connections.push(connection);
    return connection;
  };
  const connectTo = async (account: "centre" | "tenant") =>
    open(account === "centre" ? await keys.nats.centreUser("test") : await keys.nats.tenantUser(tenant, "test"));
  const close = async () => {
    await Promise.all(connections.map((c) => c.close().catch(() => undefined)));
    await store.close();
    for (const part of parts.toReversed()) await stop(part);
    for (const own of smallDisks.values()) await unmountSmallDisk(own);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    for (const part of parts) await start(part);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    tenant,
    site,
    configFile,
    store,
    logger,
    api: restApi(`http://127.0.0.1:${http}/`, tokens.apiToken),
    agentToken: tokens.agentToken,
    parts,
    smallDisks,
    pid,
    start,
    stop,
    async kill(part) {
      const child = running.get(part);
      const target = pid(part);
      if (target !== null) process.kill(target, "SIGKILL");
      await child?.exited;
      running.delete(part);
    },
    async deleteStreams() {
      let deleted = 0;
      for (const account of ["centre", "tenant"] as const) {
        const connection = await connectTo(account);
        const manager = await jetstreamManager(connection);
        for await (const name of manager.streams.names()) if (await manager.streams.delete(name)) deleted += 1;
        await connection.close();
      }
      return deleted;
    },
    connect: connectTo,
    async connectAgent(address) {
      const user = createUser();
      const jwt = await keys.nats.agentUser(address, user.getPublicKey(), Date.now() + HOUR_MS);
      return open({ jwt, seed: user.getSeed() }, inboxPrefix(address.agent));
    },
    close,
  };
}

interface Said {
  readonly agentToken?: string | null;
  readonly apiToken?: string | null;
}

/** @throws with its last words where it does not become ready */
async function startCollector(configFile: string, logger: Logger): Promise<{ readonly child: Child; readonly said: Said }> {
  const child = spawnNode("collector", PROGRAM, ["collector", "run", "--config", configFile, "--parent"], logger);
  const ready = new Promise<string>((resolve) => child.onLine(resolve));
  const late = new Promise<null>((resolve) => setTimeout(resolve, READY_MS, null).unref());
  const line = await Promise.race([ready, late, child.exited.then(() => null)]);
  if (line !== null) return { child, said: JSON.parse(line) as Said };
  await child.stop(0);
  throw new Error(`the collector did not become ready:\n${child.lastWords().join("\n")}`);
}

/** Null where it does not run: its file outlives a kill. */
function natsServer(folder: string): number | null {
  try {
    const pid = Number(readFileSync(join(folder, "nats", "nats-server.pid"), "utf8"));
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
