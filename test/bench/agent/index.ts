/** The agent as a process of its own at a site of many quiet cameras: memory, processor and what it sends to the centre, beside a Node process that does nothing. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AGENT_NODE_OPTIONS, agentStatus, enrollAgent } from "@vedette/agent";
import { defaultPolicy } from "@vedette/collector";
import { type AgentCentre, batchOf, confirmation, newEpoch, startAgentCentre, waitFor } from "../../kit/index.ts";
import { type Sample, slope } from "../memory.ts";
import { type BenchReport, benchReport } from "../report.ts";
import { cpuMs, proportionalBytes, sentBytes } from "./process.ts";

export interface BenchAgentOptions {
  /** At most 1,000. */
  readonly devices: number;
  /** Of the quiet period; a presence look comes once a minute. */
  readonly seconds: number;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

const NETWORK = "127.42.16.0/22";
const CENTRE_ADDRESS = "127.0.0.1";
const KNOWN_MS = 900_000;
const SETTLE_MS = 30_000;
const SAMPLE_MS = 5_000;
const MIB = 1024 ** 2;
const HOUR_S = 3_600;
const MINUTES = 60;
/** Until the devices are known; then the policy's pace is the usual one. */
const FAST = { sitePerSecond: 2_000, hostPerSecond: 100, hostConcurrent: 4 };
const CEILING = { sitePerSecond: 2_000, hostPerSecond: 100, sweepHostPerSecond: 50 };

export async function benchAgent({ devices, seconds, say }: BenchAgentOptions): Promise<BenchReport> {
  const { version: _, ...usual } = defaultPolicy();
  const centre = await startAgentCentre({ ...usual, budget: FAST });
  const site = await startProgram(fileURLToPath(new URL("devices.ts", import.meta.url)), [NETWORK, String(devices)]);
  const nothing = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "inherit"] });
  let agent: ChildProcess | undefined;
  try {
    const data = join(centre.stack.folder, "agent");
    await enrollAgent({ token: await centre.token(), data, logger: centre.stack.logger });
    agent = await startAgent(centre, data);
    const { pid = 0 } = agent;
    const began = performance.now();
    const cpuBefore = cpuMs(pid);
    await known(data, devices, say);
    const discovery = {
      seconds: (performance.now() - began) / 1000,
      cpuSeconds: (cpuMs(pid) - cpuBefore) / 1000,
      pss: proportionalBytes(pid),
    };
    say(`known after ${discovery.seconds.toFixed(0)} s, ${(discovery.pss / MIB).toFixed(0)} MiB; settling ...`);
    await centre.setPolicy(usual);
    await sleep(SETTLE_MS);
    say(`quiet for ${seconds} s ...`);
    const quiet = await watch(pid, seconds);
    const looks = await looksOf(centre);
    // Each look is confirmed once an hour, which a short quiet period shows only in part: an upper bound.
    const perHour = (quiet.sent / quiet.seconds) * HOUR_S + looks * confirmationBytes();
    const bare = nothing.pid === undefined ? Number.NaN : proportionalBytes(nothing.pid);
    const figures = {
      devices,
      looks,
      "discovery.seconds": discovery.seconds,
      "discovery.cpuSeconds": discovery.cpuSeconds,
      "discovery.pssMiB": discovery.pss / MIB,
      "quiet.seconds": quiet.seconds,
      "agent.pssMiB": quiet.pss / MIB,
      "agent.pssGrowthMiBPerHour": (slope(quiet.samples) * MINUTES) / MIB,
      "node.pssMiB": bare / MIB,
      "agent.cpuPercent": quiet.cpuShare * 100,
      "agent.sentInQuietPeriodBytes": quiet.sent,
      "agent.sentPerHourMB": perHour / 1e6,
    };
    const ratios = { pssMB: quiet.pss / 1e6, pssToBareNode: quiet.pss / bare, cpuShare: quiet.cpuShare, sentPerHourMB: perHour / 1e6 };
    return benchReport("agent", figures, ratios, {
      pssMB: { op: "<=", value: 130 },
      cpuShare: { op: "<=", value: 0.05 },
      sentPerHourMB: { op: "<=", value: 1 },
    });
  } finally {
    await Promise.all([agent, site, nothing].map((child) => (child === undefined ? undefined : ended(child))));
    await centre.stop();
  }
}

/** Ends with its standard input. */
async function startProgram(
  program: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
  env = process.env,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...nodeOptions, program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env,
  });
  const { stdout } = child;
  await Promise.race([
    once(stdout, "data"),
    once(child, "exit").then(() => Promise.reject(new Error(`${program} ended before it was ready`))),
  ]);
  stdout.resume();
  return child;
}

/** As `vedette up` starts one. */
async function startAgent(centre: AgentCentre, data: string): Promise<ChildProcess> {
  const config = join(centre.stack.folder, "agent.yaml");
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ data, scope: [NETWORK], budget: CEILING }), { mode: 0o600 });
  const program = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));
  const env = { ...process.env, NODE_COMPILE_CACHE: join(centre.stack.folder, "compiled") };
  // Its code is compiled by then, as it is after an enrolment from the command line.
  await promisify(execFile)(process.execPath, [...AGENT_NODE_OPTIONS, program, "agent", "check-config", config], { env });
  return startProgram(program, ["agent", "run", "--config", config, "--parent"], AGENT_NODE_OPTIONS, env);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.stdin?.end();
  await exit;
}

/**
 * Every device found, its endpoints looked at and told. Only the long list of common ports is still due at most of them: it takes its turn at
 * one host after the other for the next half hour, and the quiet period carries that.
 */
async function known(data: string, devices: number, say: (line: string) => void): Promise<void> {
  let toldAt = 0;
  await waitFor(
    `${devices} devices are known`,
    () => {
      const { last } = agentStatus(data);
      if (last === null) return false;
      if (Date.now() - toldAt > 10_000) {
        toldAt = Date.now();
        say(`${last.hosts} hosts, ${last.endpoints} endpoints, ${last.due} looks due, ${last.outbox.depth} in the outbox`);
      }
      return last.hosts >= devices && last.endpoints >= 2 * devices && last.due <= devices && last.outbox.depth === 0;
    },
    KNOWN_MS,
    1_000,
  );
}

interface Quiet {
  readonly seconds: number;
  readonly cpuShare: number;
  /** Bytes. */
  readonly sent: number;
  /** The largest seen, bytes. */
  readonly pss: number;
  readonly samples: readonly Sample[];
}

async function watch(pid: number, seconds: number): Promise<Quiet> {
  const began = performance.now();
  const before = { cpu: cpuMs(pid), sent: await sentBytes(pid, CENTRE_ADDRESS) };
  const samples: Sample[] = [];
  while (performance.now() - began < seconds * 1000) {
    await sleep(SAMPLE_MS);
    samples.push({ atMs: performance.now() - began, bytes: proportionalBytes(pid) });
  }
  const elapsedMs = performance.now() - began;
  return {
    seconds: elapsedMs / 1000,
    cpuShare: (cpuMs(pid) - before.cpu) / elapsedMs,
    sent: (await sentBytes(pid, CENTRE_ADDRESS)) - before.sent,
    pss: Math.max(...samples.map((s) => s.bytes)),
    samples,
  };
}

/** Looks that are confirmed. */
async function looksOf({ stack }: AgentCentre): Promise<number> {
  const [row] = await stack.store.query<{ looks: number }>(
    "SELECT uniqExact(probe, server_address, server_port) AS looks FROM observation WHERE outcome = 'identified'",
  );
  return row?.looks ?? Number.NaN;
}

/** On the wire, its share of a batch. */
function confirmationBytes(): number {
  const epoch = newEpoch();
  const count = 100;
  const observations = Array.from({ length: count }, (_, i) => confirmation(i + 2, { epoch, seq: 1 }));
  return batchOf(epoch, observations).bytes.length / count;
}
