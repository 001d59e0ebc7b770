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
import { COMMON_PORTS, EXCLUDED_PORTS } from "@vedette/standard/registry";
import { type AgentCentre, startAgentCentre, waitFor } from "../../kit/index.ts";
import { type Sample, slope } from "../memory.ts";
import { type BenchReport, benchReport } from "../report.ts";
import { looksToldBy } from "./looks.ts";
import { cpuMs, proportionalBytes, residentBytes, sentBytes } from "./process.ts";

export interface BenchAgentOptions {
  /** At most 1,000. */
  readonly devices: number;
  /** Of the quiet period; a presence look comes once a minute. */
  readonly seconds: number;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

const NETWORK = "127.42.16.0/22";
const FIRST_DEVICE = "127.42.16.";
const CENTRE_ADDRESS = "127.0.0.1";
const KNOWN_MS = 900_000;
const SETTLE_MS = 30_000;
const SAMPLE_MS = 5_000;
const MIB = 1024 ** 2;
const HOUR_S = 3_600;
const MINUTES = 60;
const MONTH_S = 30 * 86_400;
const DAY = 86_400_000;
/** Confirmations alone wait for others so long (forward.ts), and a little for their receipt. */
const GATHERED_MS = 13_000;
const ROUNDS = 3;
/** Until the devices are known and their ports looked at; then the policy's pace is the usual one. */
const FAST = { sitePerSecond: 2_000, hostPerSecond: 100, hostConcurrent: 4 };
const USUAL = { sitePerSecond: 200, hostPerSecond: 10, hostConcurrent: 0 };
const CEILING = { sitePerSecond: 2_000, hostPerSecond: 100, sweepHostPerSecond: 2_000 };
/** Full sweeps are reckoned, not waited for: none falls into the quiet period. */
const NO_SWEEP = 49 * DAY;

export async function benchAgent({ devices, seconds, say }: BenchAgentOptions): Promise<BenchReport> {
  const { version: _, ...preset } = defaultPolicy();
  const usual = { ...preset, intervals: { ...preset.intervals, sweep: NO_SWEEP }, budget: USUAL };
  const centre = await startAgentCentre({ ...usual, budget: FAST });
  const site = await startProgram(fileURLToPath(new URL("devices.ts", import.meta.url)), [NETWORK, String(devices)]);
  const nothing = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "inherit"] });
  let agent: ChildProcess | undefined;
  try {
    const data = join(centre.stack.folder, "agent");
    await enrollAgent({ token: await centre.token(), data, logger: centre.stack.logger });
    agent = await startAgent(centre, data);
    const { pid = 0 } = agent;
    const cost = meter(pid);
    await known(data, devices, devices, say);
    const discovery = { ...cost(), pss: proportionalBytes(pid) };
    say(`known after ${discovery.seconds.toFixed(0)} s; the common ports of each ...`);
    const looking = meter(pid);
    await known(data, devices, devices / 50, say);
    const ports = looking();
    await centre.setPolicy(usual);
    await sleep(SETTLE_MS);
    say(`quiet for ${seconds} s ...`);
    const quiet = await watch(pid, seconds);
    const looks = looksToldBy(join(data, "outbox.sqlite"));
    say("what confirmations cost ...");
    const confirmationBytes = await costOfConfirmations(centre, data, pid, Math.round((looks.hourly * GATHERED_MS) / 1000 / HOUR_S));
    const perHour = (quiet.sent / quiet.seconds) * HOUR_S + looks.hourly * confirmationBytes;
    const attemptSeconds = ports.cpuSeconds / (devices * COMMON_PORTS.length);
    const sweepShare = ((65_535 - EXCLUDED_PORTS.length) * devices * attemptSeconds) / MONTH_S;
    const bare = nothing.pid === undefined ? Number.NaN : proportionalBytes(nothing.pid);
    const figures = {
      devices,
      looksPerHour: looks.hourly,
      "discovery.seconds": discovery.seconds,
      "discovery.cpuSeconds": discovery.cpuSeconds,
      "discovery.pssMiB": discovery.pss / MIB,
      "ports.seconds": ports.seconds,
      "ports.cpuMicrosecondsPerAttempt": attemptSeconds * 1e6,
      "quiet.seconds": quiet.seconds,
      "agent.pssMiB": quiet.pss / MIB,
      "agent.pssGrowthMiBPerHour": (slope(quiet.samples) * MINUTES) / MIB,
      "agent.residentMiB": quiet.resident / MIB,
      "node.pssMiB": bare / MIB,
      "node.residentMiB": (nothing.pid === undefined ? Number.NaN : residentBytes(nothing.pid)) / MIB,
      "agent.quietCpuPercent": quiet.cpuShare * 100,
      "agent.sweepCpuPercent": sweepShare * 100,
      "agent.sentInQuietPeriodBytes": quiet.sent,
      "agent.sentPerConfirmationBytes": confirmationBytes,
      "agent.sentPerHourMB": perHour / 1e6,
    };
    const cpuShare = quiet.cpuShare + sweepShare;
    const ratios = { pssMB: quiet.pss / 1e6, pssToBareNode: quiet.pss / bare, cpuShare, sentPerHourMB: perHour / 1e6 };
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

/** @returns what a process took since, seconds */
function meter(pid: number): () => { seconds: number; cpuSeconds: number } {
  const [began, cpu] = [performance.now(), cpuMs(pid)];
  return () => ({ seconds: (performance.now() - began) / 1000, cpuSeconds: (cpuMs(pid) - cpu) / 1000 });
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

/** Every device found, its endpoints looked at and told, and no more than so many looks due. */
async function known(data: string, devices: number, due: number, say: (line: string) => void): Promise<void> {
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
      return last.hosts >= devices && last.endpoints >= 2 * devices && last.due <= due;
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
  readonly resident: number;
  readonly samples: readonly Sample[];
}

async function watch(pid: number, seconds: number): Promise<Quiet> {
  const before = await sentBytes(pid, CENTRE_ADDRESS);
  const cost = meter(pid);
  const began = performance.now();
  const samples: Sample[] = [];
  let resident = 0;
  while (performance.now() - began < seconds * 1000) {
    await sleep(SAMPLE_MS);
    samples.push({ atMs: performance.now() - began, bytes: proportionalBytes(pid) });
    resident = Math.max(resident, residentBytes(pid));
  }
  const took = cost();
  return {
    seconds: took.seconds,
    cpuShare: took.cpuSeconds / took.seconds,
    sent: (await sentBytes(pid, CENTRE_ADDRESS)) - before,
    pss: Math.max(...samples.map((s) => s.bytes)),
    resident,
    samples,
  };
}

/** Asks for as many looks at once as come due by themselves while confirmations wait for others: what each sends to the broker, bytes. */
async function costOfConfirmations(centre: AgentCentre, data: string, pid: number, count: number): Promise<number> {
  const agent = agentStatus(data).enrolled?.agent ?? "";
  const broker = `${CENTRE_ADDRESS}:${new URL(centre.stack.natsUrls[0]).port}`;
  const before = await sentBytes(pid, broker);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < count; i++)
      centre.control.tasks.push(
        { tenant: centre.tenant, site: centre.site, agent },
        { probe: "http.root", subject: { address: `${FIRST_DEVICE}${2 + i}`, transport: "tcp", port: 8080 } },
      );
    await sleep(GATHERED_MS);
  }
  return ((await sentBytes(pid, broker)) - before) / (count * ROUNDS);
}
