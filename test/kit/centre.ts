/** Engines of a centre and any number of whole collectors on them, as processes; one nats-server or a cluster of three. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { createUser } from "@nats-io/nkeys";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import type { CollectorConfigInput } from "@vedette/collector/src/config.ts";
import { type ClickHouse, type Nats, startClickHouse, startNats } from "@vedette/collector/src/engine/index.ts";
import { type Keys, loadOrMakeKeys } from "@vedette/collector/src/keys/load.ts";
import { openStore, type Store } from "@vedette/collector/src/store/index.ts";
import { type AgentAddress, inboxPrefix } from "@vedette/proto";
import { type Logger, pino } from "pino";
import { type RestApi, restApi } from "./rest.ts";
import { freePort, waitFor } from "./wait.ts";

const PROGRAM = fileURLToPath(new URL("./collector-program.ts", import.meta.url));
const PASSWORD = "a-password-of-the-tests";
export const TENANT = "demo";
export const SITE = "site-1";

export interface CollectorProcess {
  readonly child: ChildProcess;
  readonly api: RestApi;
  readonly token: string;
  /** Makes it stop itself when it next comes to this point; resolves when it knows. */
  arm(point: string): Promise<void>;
  /** Resolves when it has stopped itself since it was armed. */
  stopped(timeoutMs?: number): Promise<void>;
  /** SIGCONT. */
  go(): void;
  /** In order. */
  end(): Promise<void>;
}

export interface Centre {
  readonly store: Store;
  readonly keys: Keys;
  /** As many as there are nodes. */
  readonly nats: readonly Nats[];
  collector(): Promise<CollectorProcess>;
  connectCentre(): Promise<NatsConnection>;
  connectTenant(): Promise<NatsConnection>;
  connectAgent(address: AgentAddress): Promise<NatsConnection>;
  /** kill -9 of a nats-server itself; the watcher ends with it. */
  killNats(node: number): Promise<void>;
  /** The same folder and port again. `lost`: its JetStream store is deleted first. */
  restartNats(node: number, o?: { readonly lost?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export interface CentreOptions {
  readonly nodes?: 1 | 3;
  /** Further fields of every collector's config. */
  readonly config?: Partial<CollectorConfigInput>;
}

export async function startCentre(o: CentreOptions = {}): Promise<Centre> {
  const folder = await mkdtemp(join(tmpdir(), "vedette-centre-"));
  const logger: Logger = pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" }, pino.destination(2));
  const keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now: Date.now() });
  await keys.nats.ensureTenant(TENANT);
  const nodes = Array.from({ length: o.nodes ?? 1 }, (_, i) => i);
  const ports = await Promise.all(nodes.map(freePort));
  const routePorts = await Promise.all(nodes.map(freePort));
  const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`);
  const natsFolder = (node: number) => join(folder, `nats-${node}`);
  const startNode = async (node: number) =>
    startNats({
      data: natsFolder(node),
      port: ports[node] ?? 0,
      ...(await keys.nats.trust()),
      ...(nodes.length === 1 ? {} : { name: `node-${node}`, cluster: { name: "vedette", port: routePorts[node] ?? 0, routes } }),
      logger,
    });
  const nats = await Promise.all(nodes.map(startNode));
  const clickhousePort = await freePort();
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  const clickhouse: ClickHouse = await startClickHouse({
    data: join(folder, "clickhouse"),
    port: clickhousePort,
    password: PASSWORD,
    logger,
  });
  const store = openStore(clickhouse);
  const connections: NatsConnection[] = [];
  const collectors: CollectorProcess[] = [];
  const open = async (user: { jwt: string; seed: Uint8Array }, prefix?: string) => {
    const connection = await connect({
      servers: nats.map(({ url }) => url),
      authenticator: jwtAuthenticator(user.jwt, user.seed),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      ...(prefix === undefined ? {} : { inboxPrefix: prefix }),
    });
    connections.push(connection);
    return connection;
  };
  const centreUser = await keys.nats.centreUser("test");
  const waiting = await open(centreUser);
  const answers = async () => (await jetstreamManager(waiting)).getAccountInfo();
  await waitFor("JetStream answers", () => answers().catch(() => null), 60_000, 500);
  return {
    store,
    keys,
    nats,
    async collector() {
      const config: CollectorConfigInput = {
        data: folder,
        http: { port: 0 },
        grpc: { port: 0 },
        nats: { url: nats[collectors.length % nodes.length]?.url ?? "", replicas: nodes.length },
        clickhouse: { url: clickhouse.url, user: clickhouse.user, passwordFile },
        firstStart: { tenant: TENANT, site: SITE },
        ...o.config,
      };
      const made = await startCollector(config);
      collectors.push(made);
      return made;
    },
    connectCentre: async () => open(centreUser),
    connectTenant: async () => open(await keys.nats.tenantUser(TENANT, "test")),
    async connectAgent(address) {
      const user = createUser();
      const jwt = await keys.nats.agentUser(address, user.getPublicKey(), Date.now() + 3_600_000);
      return open({ jwt, seed: user.getSeed() }, inboxPrefix(address.agent));
    },
    async killNats(node) {
      const pid = Number(await readFile(join(natsFolder(node), "nats-server.pid"), "utf8"));
      process.kill(pid, "SIGKILL");
      await nats[node]?.exited;
    },
    async restartNats(node, { lost = false } = {}) {
      if (lost) await rm(join(natsFolder(node), "stream"), { recursive: true });
      nats[node] = await startNode(node);
    },
    async stop() {
      await Promise.all(collectors.map((c) => c.end()));
      await Promise.all(connections.map((c) => c.close().catch(() => undefined)));
      await store.close();
      await Promise.all([clickhouse.stop(), ...nats.map((n) => n.stop())]);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

async function startCollector(config: CollectorConfigInput): Promise<CollectorProcess> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, JSON.stringify(config)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const count = (line: string) => said.filter((l) => l === line).length;
  let stoppedBefore = 0;
  const first = await waitFor("the collector is ready", () => {
    if (child.exitCode !== null) throw new Error(`the collector ended with ${child.exitCode}`);
    return said.find((line) => line.startsWith("{"));
  });
  const { httpPort, apiToken } = JSON.parse(first) as { httpPort: number; apiToken: string };
  return {
    child,
    token: apiToken,
    api: restApi(`http://127.0.0.1:${httpPort}/`, apiToken),
    async arm(point) {
      const before = count("armed");
      stoppedBefore = count("stopped");
      child.stdin.write(`${point}\n`);
      await waitFor("the collector is armed", () => count("armed") > before);
    },
    async stopped(timeoutMs = 30_000) {
      await waitFor("the collector stops itself", () => count("stopped") > stoppedBefore, timeoutMs);
    },
    go: () => void child.kill("SIGCONT"),
    async end() {
      child.kill("SIGCONT");
      child.stdin.end();
      const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await exited;
      clearTimeout(late);
    },
  };
}
