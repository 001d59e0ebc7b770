/** `vedette up`: everything on this machine, under one supervisor that opens no socket to the site. */

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AGENT_NODE_OPTIONS, agentStatus, enrollAgent } from "@vedette/agent";
import { type CollectorConfigInput, loadOrMakeKeys, readFirstLogin, startClickHouse, startNats } from "@vedette/collector";
import type { Logger } from "pino";
import { parse, stringify } from "yaml";
import { CHECKOUT, PROGRAM } from "../checkout.ts";
import { usage } from "../exit.ts";
import { startProgram } from "./child.ts";
import { demoFirstStart, type SimulatedSite, startSimulatedSite } from "./demo.ts";
import { type DataFolder, defaultData, openFolder } from "./folder.ts";
import { ChildNotes, endOrphans } from "./orphan.ts";
import { choosePorts, type Ports } from "./ports.ts";
import { Supervisor } from "./supervise.ts";

export interface UpOptions {
  readonly data?: string;
  readonly port: number;
  readonly scope: readonly string[];
  readonly demo: boolean;
  /** Network of the simulated site. */
  readonly bind: string;
  readonly buckets: number;
  /** How long the collector's sweep of all devices may take, s. */
  readonly sweepSeconds?: number;
  /** The simulated site's script: ms to the first drift and between drifts. */
  readonly drift?: { readonly delayMs: number; readonly everyMs: number };
}

export interface Started {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly data: string;
  /** The first administrator, until his password is changed. */
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly ports: Ports;
}

const READY_MS = 60_000;

/**
 * Starts all children, calls `onReady`, and resolves when everything is stopped after `signal`.
 * @throws CommandError, KeyError, EngineError with one sentence; what was started is stopped again
 */
export async function up(
  o: UpOptions,
  cx: { logger: Logger; signal: AbortSignal; say: (line: string) => void; onReady: (s: Started) => void },
): Promise<void> {
  const mode = o.demo ? "demo" : "real";
  const path = o.data ?? defaultData(mode, CHECKOUT);
  const agentFile = join(path, "agent.yaml");
  if (!o.demo && o.scope.length === 0 && !existsSync(agentFile)) {
    throw usage(
      "--scope is missing: name the networks that may be looked at, for example --scope 192.168.1.0/24, or start the simulated site with --demo",
    );
  }
  const folder = openFolder(path, mode, o.buckets);
  const supervisor = new Supervisor(cx.logger, new ChildNotes(folder.at("run", "children.json")));
  try {
    const ended = await endOrphans(folder.at("run", "children.json"));
    if (ended.length > 0) cx.say(`ended what an earlier start left: ${ended.join(", ")}`);
    const ports = await choosePorts(o.port);
    writeFileSync(folder.at("run", "ports.json"), `${JSON.stringify(ports)}\n`);
    const started = await startAll(o, folder, ports, supervisor, cx);
    cx.onReady(started);
    if (!cx.signal.aborted) await new Promise((resolve) => cx.signal.addEventListener("abort", resolve, { once: true }));
    cx.say("stopping ...");
  } finally {
    await supervisor.stop((name) => cx.logger.debug({ child: name }, "stopping"));
    folder.release();
  }
}

async function startAll(
  o: UpOptions,
  folder: DataFolder,
  ports: Ports,
  supervisor: Supervisor,
  cx: { logger: Logger; say: (line: string) => void },
): Promise<Started> {
  const tenant = o.demo ? "demo" : "local";
  const site = o.demo ? "demo" : "site-1";
  const keys = await loadOrMakeKeys(folder.at("keys"), { mayMake: folder.fresh, now: Date.now() });
  await keys.nats.ensureTenant(tenant);

  let simulated: SimulatedSite | null = null;
  if (o.demo) {
    cx.say("starting the simulated site ...");
    await supervisor.add({
      name: "site",
      start: async () => {
        const running = await startSimulatedSite({ bind: o.bind, data: folder.path, ...(o.drift ? { drift: o.drift } : {}) });
        // After a restart the script goes on where it was.
        if (simulated !== null) running.tell("ready");
        simulated = running;
        return running;
      },
    });
  }
  cx.say("starting nats-server and ClickHouse ...");
  const trust = async () => await keys.nats.trust();
  await supervisor.add({
    name: "nats",
    start: async () => startNats({ data: folder.at("nats"), port: ports.nats, logger: cx.logger, ...(await trust()) }),
  });
  const passwordFile = clickhousePassword(folder);
  const password = readFileSync(passwordFile, "utf8").trim();
  await supervisor.add({
    name: "clickhouse",
    start: () => startClickHouse({ data: folder.at("clickhouse"), port: ports.clickhouse, password, logger: cx.logger }),
  });

  cx.say("starting the collector ...");
  const config: CollectorConfigInput = {
    data: folder.path,
    buckets: folder.instance.buckets,
    http: { port: ports.http },
    grpc: { port: ports.grpc },
    nats: { url: `nats://127.0.0.1:${ports.nats}` },
    clickhouse: { url: `http://127.0.0.1:${ports.clickhouse}`, passwordFile },
    console: join(CHECKOUT, "packages/console/dist"),
    ...(o.sweepSeconds === undefined ? {} : { sweepSeconds: o.sweepSeconds }),
    firstStart: { tenant, site, ...(simulated === null ? {} : demoFirstStart(simulated, o.bind)) },
  };
  const collectorFile = folder.at("run", "collector.yaml");
  writeFileSync(collectorFile, stringify(config), { mode: 0o600 });
  let told: Readonly<Record<string, unknown>> = {};
  await supervisor.add({
    name: "collector",
    start: async () => {
      const running = await startProgram({
        name: "the collector",
        program: PROGRAM,
        args: ["collector", "run", "--config", collectorFile, "--parent"],
        readyMs: READY_MS,
      });
      told = running.ready;
      return running;
    },
  });

  cx.say("starting the agent ...");
  const agentData = folder.at("agent");
  if (!(await agentStatus(agentData)).enrolled) {
    const token = typeof told["agentToken"] === "string" ? told["agentToken"] : "";
    await enrollAgent({ token, data: agentData, logger: cx.logger });
  }
  const agentFile = writeAgentConfig(folder, o, ports, simulated);
  await supervisor.add({
    name: "agent",
    start: () =>
      startProgram({
        name: "the agent",
        program: PROGRAM,
        args: ["agent", "run", "--config", agentFile, "--parent"],
        readyMs: READY_MS,
        nodeOptions: AGENT_NODE_OPTIONS,
        compileCache: folder.at("run", "compiled"),
      }),
  });
  (simulated as SimulatedSite | null)?.tell("ready");
  return {
    url: `http://127.0.0.1:${ports.http}/`,
    token: typeof told["apiToken"] === "string" ? told["apiToken"] : "",
    pid: process.pid,
    data: folder.path,
    login: await readFirstLogin(folder.at("keys")),
    ports,
  };
}

function clickhousePassword(folder: DataFolder): string {
  const file = folder.at("keys", "clickhouse-password");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return file;
}

/** The agent's own config is the ceiling: what its owner wrote there stays, but for what this start says anew. */
function writeAgentConfig(folder: DataFolder, o: UpOptions, ports: Ports, simulated: SimulatedSite | null): string {
  const file = folder.at("agent.yaml");
  const kept: unknown = existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
  const config = {
    ...(typeof kept === "object" && kept !== null ? kept : {}),
    data: folder.at("agent"),
    centre: { grpc: `127.0.0.1:${ports.grpc}` },
    ...(simulated === null ? {} : { scope: [o.bind], exclude: ["127.0.0.1/32"], wifi: simulated.captures }),
    ...(o.scope.length > 0 && !o.demo ? { scope: [...o.scope] } : {}),
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
