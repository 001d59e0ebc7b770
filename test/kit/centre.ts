/** Engines of a centre and any number of whole collectors on them that can be told to stand still at a step; one nats-server or a cluster of three. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CollectorConfigInput } from "@vedette/collector/src/config.ts";
import { type Engines, startEngines } from "./engines.ts";
import { type RestApi, restApi } from "./rest.ts";
import { waitFor } from "./wait.ts";

const PROGRAM = fileURLToPath(new URL("./collector-program.ts", import.meta.url));
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

export interface Centre extends Engines {
  /** Starts one more. */
  collector(): Promise<CollectorProcess>;
}

export interface CentreOptions {
  readonly nodes?: 1 | 3;
  /** Further fields of every collector's config. */
  readonly config?: Partial<CollectorConfigInput>;
}

export async function startCentre({ nodes = 1, config }: CentreOptions = {}): Promise<Centre> {
  const engines = await startEngines({ tenants: [TENANT], nodes });
  const collectors: CollectorProcess[] = [];
  return {
    ...engines,
    async collector() {
      const url = engines.natsUrls[collectors.length % nodes] ?? "";
      const made = await startCollector({
        ...engines.config,
        http: { port: 0 },
        grpc: { port: 0 },
        nats: { ...engines.config.nats, url },
        firstStart: { tenant: TENANT, site: SITE },
        ...config,
      });
      collectors.push(made);
      return made;
    },
    async stop() {
      await Promise.all(collectors.map((c) => c.end()));
      await engines.stop();
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
