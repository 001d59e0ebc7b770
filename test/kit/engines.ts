/** What a centre stands on, as processes on free ports with their folders in a temporary one: nats-server in operator mode and ClickHouse, each one or several. */
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { createUser } from "@nats-io/nkeys";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { type Keys, loadOrMakeKeys } from "@vedette/collector";
import type { CollectorConfigInput } from "@vedette/collector/src/config.ts";
import { startNats } from "@vedette/collector/src/engine/index.ts";
import { openStore, type Store, type StoreOptions } from "@vedette/collector/src/store/index.ts";
import { type AgentAddress, inboxPrefix } from "@vedette/proto";
import { type Logger, pino } from "pino";
import { addClickHouses } from "./clickhouses.ts";
import { noProcesses, type OwnProcesses } from "./processes.ts";
import { mountSmallDisk, unmountSmallDisk } from "./small-disk.ts";
import { freePort, waitFor } from "./wait.ts";

const PASSWORD = "a password with <signs> & 'quotes'";
const USER_MS = 24 * 3_600_000;
const LED_MS = 60_000;

export interface Engines {
  readonly folder: string;
  /** Level by VEDETTE_TEST_LOG; default: silent. */
  readonly logger: Logger;
  readonly keys: Keys;
  /** "nats" or "nats-1" and so on, then "clickhouse" or "clickhouse-1" and so on. Of a nats-server the pid is its own, not its watcher's. */
  readonly processes: OwnProcesses;
  /** Folders of those parts whose disks are small enough to be filled, by part. */
  readonly smallDisks: ReadonlyMap<string, string>;
  /** In the order of the servers. */
  readonly natsUrls: readonly [string, ...string[]];
  readonly storeOptions: StoreOptions;
  readonly store: Store;
  /** What leads a collector here. */
  readonly config: Pick<CollectorConfigInput, "data" | "nats" | "clickhouse">;
  connectCentre(): Promise<NatsConnection>;
  /** As a collector in the tenant's account. */
  connectTenant(tenant: string): Promise<NatsConnection>;
  /** As an agent, with exactly its permissions. */
  connectAgent(address: AgentAddress): Promise<NatsConnection>;
  stop(): Promise<void>;
}

export interface EnginesOptions {
  /** That have an account. */
  readonly tenants: readonly string[];
  /** Of nats-server; three are a cluster. Default 1. */
  readonly nodes?: 1 | 3;
  /** Servers over which the tables of ClickHouse are distributed; default 1: not distributed. */
  readonly shards?: number;
  /** Gives parts disks of their own, where this user may mount: MiB, by part. */
  readonly diskMib?: Readonly<Record<string, number>>;
}

export async function startEngines({ tenants, nodes = 1, shards = 1, diskMib = {} }: EnginesOptions): Promise<Engines> {
  const folder = await mkdtemp(join(tmpdir(), "vedette-test-"));
  const logger = pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" }, pino.destination(2));
  const keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now: Date.now() });
  for (const tenant of tenants) await keys.nats.ensureTenant(tenant);
  const passwordFile = join(folder, "keys", "clickhouse-password");
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  const processes = noProcesses();
  const smallDisks = new Map<string, string>();
  const connections: NatsConnection[] = [];
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    await Promise.all(connections.map((c) => c.close().catch(() => undefined)));
    for (const close of closing) await close();
    await processes.stopAll();
    for (const own of smallDisks.values()) await unmountSmallDisk(own);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    for (const [part, mib] of Object.entries(diskMib)) {
      const own = join(folder, part);
      await mkdir(own, { mode: 0o700 });
      if (await mountSmallDisk(own, mib)) smallDisks.set(part, own);
    }
    const natsUrls = await addNats(processes, { folder, nodes, keys, logger });
    const storeOptions = await addClickHouses(processes, { folder, count: shards, password: PASSWORD, logger });
    const store = openStore(storeOptions);
    closing.push(() => store.close());
    const open = async (user: { jwt: string; seed: Uint8Array }, prefix = "_INBOX") => {
      const authenticator = jwtAuthenticator(user.jwt, user.seed);
      const reconnect = { maxReconnectAttempts: -1, reconnectTimeWait: 200 };
      const connection = await connect({ servers: [...natsUrls], authenticator, inboxPrefix: prefix, ...reconnect });
      connections.push(connection);
      return connection;
    };
    const connectCentre = async () => open(await keys.nats.centreUser("test"));
    const waiting = await connectCentre();
    const answers = async () => (await jetstreamManager(waiting)).getAccountInfo();
    await waitFor("JetStream answers", () => answers().catch(() => null), LED_MS);
    const { password: _, shards: servers, ...one } = storeOptions;
    const clickhouse = { ...one, passwordFile, ...(servers === undefined ? {} : { shards: [...servers] }) };
    return {
      folder,
      logger,
      keys,
      processes,
      smallDisks,
      natsUrls,
      storeOptions,
      store,
      config: { data: folder, nats: { url: natsUrls[0], replicas: nodes }, clickhouse },
      connectCentre,
      connectTenant: async (tenant) => open(await keys.nats.tenantUser(tenant, "test")),
      async connectAgent(address) {
        const user = createUser();
        const jwt = await keys.nats.agentUser(address, user.getPublicKey(), Date.now() + USER_MS);
        return open({ jwt, seed: user.getSeed() }, inboxPrefix(address.agent));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface NatsServers {
  readonly folder: string;
  readonly nodes: number;
  readonly keys: Keys;
  readonly logger: Logger;
}

/** Each is named as its part is. @returns the address of each */
async function addNats(processes: OwnProcesses, { folder, nodes, keys, logger }: NatsServers): Promise<[string, ...string[]]> {
  const servers: { readonly name: string; readonly port: number; readonly route: number }[] = [];
  for (let i = 1; i <= nodes; i++)
    servers.push({ name: nodes === 1 ? "nats" : `nats-${i}`, port: await freePort(), route: await freePort() });
  const routes = servers.map(({ route }) => `nats://127.0.0.1:${route}`);
  for (const { name, port, route } of servers) {
    const data = join(folder, name);
    const cluster = nodes === 1 ? {} : { name, cluster: { name: "vedette", port: route, routes } };
    const start = async () => startNats({ data, port, logger, ...(await keys.nats.trust()), ...cluster });
    await processes.add(name, { start, worker: () => natsServer(data) });
  }
  const [first = "", ...others] = servers.map(({ port }) => `nats://127.0.0.1:${port}`);
  return [first, ...others];
}

/** Null where it does not run: its file outlives a kill. */
function natsServer(data: string): number | null {
  try {
    const pid = Number(readFileSync(join(data, "nats-server.pid"), "utf8"));
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
