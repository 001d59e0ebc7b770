/**
 * A real nats-server in operator mode and a real ClickHouse, on free ports, with their folders in a temporary one. Migrated.
 * VEDETTE_TEST_LOG sets the level of what is logged (default: silent); VEDETTE_TEST_SHARDS of how many servers ClickHouse is (default: 1).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { type ClickHouse, type Nats, startClickHouse, startNats } from "@vedette/collector/src/engine/index.ts";
import { NatsKeys } from "@vedette/collector/src/keys/nats.ts";
import { migrate, openStore, type Store } from "@vedette/collector/src/store/index.ts";
import { type AgentAddress, inboxPrefix } from "@vedette/proto";
import { type Logger, pino } from "pino";
import { type Shards, startShards } from "./shards.ts";
import { freePort } from "./wait.ts";

export interface TestStack {
  readonly folder: string;
  readonly logger: Logger;
  readonly keys: NatsKeys;
  readonly store: Store;
  /** The one that is asked. */
  readonly clickhouse: () => ClickHouse;
  /** Null where ClickHouse is one server. */
  readonly shards: Shards | null;
  readonly nats: () => Nats;
  /** A collector's connection to a tenant's account. */
  connectTenant(tenant: string): Promise<NatsConnection>;
  connectCentre(): Promise<NatsConnection>;
  /** An agent's connection, with exactly its permissions. */
  connectAgent(address: AgentAddress): Promise<NatsConnection>;
  /** kill -9, then `meanwhile` with ClickHouse down, then the same folder and port again. */
  crashClickHouse(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface TestStackOptions {
  /** Default ["demo"]. */
  readonly tenants?: readonly string[];
}

const PASSWORD = "a password with <signs> & 'quotes'";

export async function startTestStack(o: TestStackOptions = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), "vedette-test-"));
  const logger = pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" });
  const keys = await NatsKeys.load(join(folder, "keys"), true);
  for (const tenant of o.tenants ?? ["demo"]) await keys.ensureTenant(tenant);
  const natsPort = await freePort();
  const shardCount = Number(process.env["VEDETTE_TEST_SHARDS"] ?? 1);
  const shards = shardCount > 1 ? await startShards({ folder, count: shardCount, password: PASSWORD, logger }) : null;
  const clickhousePort = await freePort();
  const nats = await startNats({ data: join(folder, "nats"), port: natsPort, ...(await keys.trust()), logger });
  const start = () => startClickHouse({ data: join(folder, "clickhouse"), port: clickhousePort, password: PASSWORD, logger });
  let clickhouse = shards?.servers[0] ?? (await start());
  const storeOptions = shards?.options ?? clickhouse;
  await migrate(storeOptions);
  const store = openStore(storeOptions);
  const connections: NatsConnection[] = [];
  const open = async (user: { jwt: string; seed: Uint8Array }, prefix?: string) => {
    const connection = await connect({
      servers: nats.url,
      authenticator: jwtAuthenticator(user.jwt, user.seed),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      ...(prefix === undefined ? {} : { inboxPrefix: prefix }),
    });
    connections.push(connection);
    return connection;
  };
  return {
    folder,
    logger,
    keys,
    store,
    clickhouse: () => clickhouse,
    shards,
    nats: () => nats,
    connectTenant: async (tenant) => open(await keys.tenantUser(tenant, "test")),
    connectCentre: async () => open(await keys.centreUser("test")),
    async connectAgent(address) {
      const user = createUser();
      const jwt = await keys.agentUser(address, user.getPublicKey(), Date.now() + 3_600_000);
      return open({ jwt, seed: user.getSeed() }, inboxPrefix(address.agent));
    },
    async crashClickHouse(meanwhile?: () => Promise<void>) {
      process.kill(clickhouse.pid, "SIGKILL");
      await clickhouse.exited;
      await meanwhile?.();
      clickhouse = await start();
    },
    async stop() {
      await Promise.all(connections.map((c) => c.close().catch(() => undefined)));
      await store.close();
      await Promise.all([shards?.stop() ?? clickhouse.stop(), nats.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
