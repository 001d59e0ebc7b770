/** A whole centre as processes: nats-server and its watcher, ClickHouse as one server or as several shards, the collector as a user runs it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { type Child, spawnNode } from "@vedette/collector/src/engine/child.ts";
import type { Logger } from "pino";
import { type Engines, type EnginesOptions, startEngines } from "./engines.ts";
import type { Processes } from "./processes.ts";
import { type RestApi, restApi } from "./rest.ts";
import { freePort } from "./wait.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const READY_MS = 90_000;

/** Parts: those of the engines, then "collector". */
export interface World extends Omit<Engines, "stop">, Processes {
  readonly tenant: string;
  readonly site: string;
  /** Of the collector. */
  readonly configFile: string;
  readonly api: RestApi;
  /** Of the local administrator. */
  readonly apiToken: string;
  /** Enrols one agent. */
  readonly agentToken: string;
  /** Deletes every stream of the running broker: observations on their way, the log, the events. @returns how many there were */
  deleteStreams(): Promise<number>;
  close(): Promise<void>;
}

export interface WorldOptions extends Pick<EnginesOptions, "shards" | "diskMib"> {
  /** Each device is derived anew within this time. */
  readonly sweepSeconds?: number;
}

export async function startWorld({ sweepSeconds, ...own }: WorldOptions = {}): Promise<World> {
  const [tenant, site] = ["demo", "site-1"];
  const engines = await startEngines({ tenants: [tenant], ...own });
  const { folder, logger, processes } = engines;
  const http = await freePort();
  const configFile = join(folder, "collector.yaml");
  const config = {
    ...engines.config,
    http: { port: http },
    grpc: { port: await freePort() },
    firstStart: { tenant, site },
    ...(sweepSeconds === undefined ? {} : { sweepSeconds }),
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  /** Told once, at the first start. */
  const tokens = { agentToken: "", apiToken: "" };
  try {
    await processes.add("collector", {
      async start() {
        const { child, said } = await startCollector(configFile, logger);
        tokens.agentToken ||= said.agentToken ?? "";
        tokens.apiToken ||= said.apiToken ?? "";
        return child;
      },
    });
  } catch (error) {
    await engines.stop();
    throw error;
  }
  return {
    ...engines,
    ...processes,
    ...tokens,
    tenant,
    site,
    configFile,
    api: restApi(`http://127.0.0.1:${http}/`, tokens.apiToken),
    async deleteStreams() {
      let deleted = 0;
      for (const connection of [await engines.connectCentre(), await engines.connectTenant(tenant)]) {
        const manager = await jetstreamManager(connection);
        for await (const name of manager.streams.names()) if (await manager.streams.delete(name)) deleted += 1;
        await connection.close();
      }
      return deleted;
    },
    close: () => engines.stop(),
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
