/** A centre of four processes on free ports: nats-server and its watcher, ClickHouse, the collector as a user runs it. Each can be killed and started again. */
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createUser } from "@nats-io/nkeys";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { type Keys, loadOrMakeKeys } from "@vedette/collector";
import type { Role } from "@vedette/collector/src/config.ts";
import { spawnNode } from "@vedette/collector/src/engine/child.ts";
import { startClickHouse, startNats } from "@vedette/collector/src/engine/index.ts";
import { openStore, type Store } from "@vedette/collector/src/store/index.ts";
import { type AgentAddress, inboxPrefix } from "@vedette/proto";
import { type Logger, pino } from "pino";
import { type RestApi, restApi } from "../kit/rest.ts";
import { freePort } from "../kit/wait.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const READY_MS = 60_000;
const HOUR_MS = 3_600_000;

export const BENCH_PARTS = ["nats", "clickhouse", "collector"] as const;
export type BenchPart = (typeof BENCH_PARTS)[number];

interface Started {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  stop(): Promise<unknown>;
}

export interface BenchCentre {
  readonly folder: string;
  readonly tenant: string;
  readonly site: string;
  readonly keys: Keys;
  readonly store: Store;
  readonly api: RestApi;
  readonly natsUrl: string;
  /** Ends with a slash. */
  readonly httpUrl: string;
  /** Of the local administrator. */
  readonly apiToken: string;
  readonly clickhouse: { readonly url: string; readonly user: string; readonly password: string };
  readonly logger: Logger;
  /** Enrols one agent. */
  readonly agentToken: string;
  /** Null while it does not run. Of nats: nats-server's own, not its watcher's. */
  pid(part: BenchPart): number | null;
  /** Resolves when it is ready; nothing where it runs already. */
  start(part: BenchPart): Promise<void>;
  stop(part: BenchPart): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(part: BenchPart): Promise<void>;
  /** As an agent, with exactly its permissions. */
  connectAgent(address: AgentAddress): Promise<NatsConnection>;
  /** As a collector in the tenant's account. */
  connectTenant(): Promise<NatsConnection>;
  close(): Promise<void>;
}

export interface BenchCentreOptions {
  /** Of the collector; default all. */
  readonly roles?: readonly Role[];
  readonly sweepSeconds?: number;
}

export async function startBenchCentre(o: BenchCentreOptions = {}): Promise<BenchCentre> {
  const [tenant, site] = ["demo", "site-1"];
  const folder = await mkdtemp(join(tmpdir(), "vedette-centre-"));
  const logger = pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" });
  const keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now: Date.now() });
  await keys.nats.ensureTenant(tenant);
  const [http, grpc, nats, clickhouse] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const password = "a password of this run";
  const passwordFile = join(folder, "keys", "clickhouse-password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const configFile = join(folder, "collector.yaml");
  const natsUrl = `nats://127.0.0.1:${nats}`;
  const httpUrl = `http://127.0.0.1:${http}/`;
  const config = {
    data: folder,
    http: { port: http },
    grpc: { port: grpc },
    nats: { url: natsUrl },
    clickhouse: { url: `http://127.0.0.1:${clickhouse}`, passwordFile },
    firstStart: { tenant, site },
    ...(o.roles === undefined ? {} : { roles: o.roles }),
    ...(o.sweepSeconds === undefined ? {} : { sweepSeconds: o.sweepSeconds }),
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  let told: Readonly<Record<string, unknown>> = {};
  for (const part of ["nats", "clickhouse"]) await mkdir(join(folder, part), { mode: 0o700 });
  const starts: Readonly<Record<BenchPart, () => Promise<Started>>> = {
    nats: async () => startNats({ data: join(folder, "nats"), port: nats, logger, ...(await keys.nats.trust()) }),
    clickhouse: () => startClickHouse({ data: join(folder, "clickhouse"), port: clickhouse, password, logger }),
    async collector() {
      const child = spawnNode("collector", PROGRAM, ["collector", "run", "--config", configFile, "--parent"], logger);
      const ready = new Promise<string>((resolve) => child.onLine(resolve));
      const late = new Promise<null>((resolve) => setTimeout(resolve, READY_MS, null).unref());
      const line = await Promise.race([ready, late, child.exited.then(() => null)]);
      if (line === null) {
        await child.stop(0);
        throw new Error(`the collector did not become ready:\n${child.lastWords().join("\n")}`);
      }
      const said = JSON.parse(line) as Record<string, unknown>;
      // Tokens are told once, at the first start.
      told = { ...said, agentToken: told["agentToken"] ?? said["agentToken"], apiToken: told["apiToken"] ?? said["apiToken"] };
      return child;
    },
  };
  const running = new Map<BenchPart, Started>();
  const connections: NatsConnection[] = [];
  const open = async (jwt: string, seed: Uint8Array, prefix?: string) => {
    const connection = await connect({
      servers: natsUrl,
      authenticator: jwtAuthenticator(jwt, seed),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      ...(prefix === undefined ? {} : { inboxPrefix: prefix }),
    });
    connections.push(connection);
    return connection;
  };
  const start = async (part: BenchPart) => {
    if (running.has(part)) return;
    const child = await starts[part]();
    running.set(part, child);
    void child.exited.then(() => {
      if (running.get(part) === child) running.delete(part);
    });
  };
  const pid = (part: BenchPart) => (part === "nats" ? natsServer(folder) : (running.get(part)?.pid ?? null));
  const stop = async (part: BenchPart) => {
    await running.get(part)?.stop();
    running.delete(part);
  };
  const store = openStore({ url: config.clickhouse.url, user: "vedette", password });
  const close = async () => {
    await Promise.all(connections.map((c) => c.close().catch(() => undefined)));
    await store.close();
    for (const part of BENCH_PARTS.toReversed()) await stop(part);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    for (const part of BENCH_PARTS) await start(part);
  } catch (error) {
    await close();
    throw error;
  }
  const text = (name: string) => (typeof told[name] === "string" ? told[name] : "");
  return {
    folder,
    tenant,
    site,
    keys,
    store,
    natsUrl,
    httpUrl,
    logger,
    api: restApi(httpUrl, text("apiToken")),
    apiToken: text("apiToken"),
    agentToken: text("agentToken"),
    clickhouse: { url: config.clickhouse.url, user: "vedette", password },
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
    async connectAgent(address) {
      const user = createUser();
      const jwt = await keys.nats.agentUser(address, user.getPublicKey(), Date.now() + 24 * HOUR_MS);
      return open(jwt, user.getSeed(), inboxPrefix(address.agent));
    },
    async connectTenant() {
      const { jwt, seed } = await keys.nats.tenantUser(tenant, "test");
      return open(jwt, seed);
    },
    close,
  };
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
