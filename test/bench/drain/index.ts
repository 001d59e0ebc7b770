/** A site that was offline for 72 hours comes back: its outbox drains while the agents of other sites go on. */
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { enrollAgent } from "@vedette/agent";
import { startWorld, type World, waitFor } from "../../kit/index.ts";
import { percentile, percentiles, round } from "../figure.ts";
import { live, type Seen } from "../live.ts";
import { type BenchReport, benchReport } from "../report.ts";
import { addSites, waitAssessed } from "../sites.ts";
import { fillOutbox } from "./outbox.ts";

export interface BenchDrainOptions {
  /** In the outbox. Default 100,000. */
  readonly observations?: number;
  /** Progress, a line at a time. */
  readonly say?: (line: string) => void;
}

const PROGRAM = fileURLToPath(new URL("./agent.ts", import.meta.url));
const LIVE_SITES = 20;
const LOAD = { changes: 20, confirmations: 200 };
/** With the live agents alone, before and after, ms. */
const QUIET_MS = 15_000;
const TARGET_S = 600;
const DRAIN_MS = 2 * TARGET_S * 1_000;

export async function benchDrain({ observations = 100_000, say = () => {} }: BenchDrainOptions = {}): Promise<BenchReport> {
  const centre = await startWorld();
  try {
    const data = join(centre.folder, "agent");
    await mkdir(data, { mode: 0o700 });
    const { agent } = await enrollAgent({ token: centre.agentToken, data, logger: centre.logger });
    say(`an outbox of ${observations} observations ...`);
    const { epoch, kept } = fillOutbox(join(data, "outbox.sqlite"), observations);
    const sites = Array.from({ length: LIVE_SITES }, (_, i) => `live-${i + 1}`);
    await addSites(centre, sites);
    const ends = new AbortController();
    say(`${LIVE_SITES} live agents ...`);
    const seen = live(centre, { sites, ...LOAD }, ends.signal);
    // Its failure is met below.
    seen.catch(() => undefined);
    await sleep(QUIET_MS);
    say("draining ...");
    const began = Date.now();
    await forward(data);
    const drained = Date.now();
    await waitAssessed(centre, began);
    const assessed = Date.now();
    await sleep(QUIET_MS);
    ends.abort();
    const { stored, behind } = await order(centre, agent, epoch);
    const all = await seen;
    const of = (from: number, to: number) => all.filter(({ at }: Seen) => at >= from && at < to).map(({ lagMs }) => lagMs);
    const during = of(began, assessed);
    const figures = {
      "outbox.observations": kept,
      "drain.stored": stored,
      "drain.outOfOrder": behind,
      "drain.seconds": round((drained - began) / 1_000, 1),
      "drain.observationsPerSecond": round((kept / (drained - began)) * 1_000),
      "assessed.seconds": round((assessed - began) / 1_000, 1),
      "before.changes": of(0, began).length,
      ...percentiles("before", of(0, began)),
      "during.changes": during.length,
      ...percentiles("during", during),
      ...percentiles("after", of(assessed, Number.POSITIVE_INFINITY)),
    };
    const ratios = {
      drainSeconds: (drained - began) / 1_000,
      lost: kept - stored,
      outOfOrder: behind,
      liveP99Seconds: percentile(during, 0.99) / 1_000,
    };
    return benchReport("drain", figures, ratios, {
      drainSeconds: { op: "<=", value: TARGET_S },
      lost: { op: "<=", value: 0 },
      outOfOrder: { op: "<=", value: 0 },
      liveP99Seconds: { op: "<=", value: 2 },
    });
  } finally {
    await centre.close();
  }
}

/** Runs the agent until a receipt covers everything it has kept. @throws where it ends, or does not drain in time */
async function forward(data: string): Promise<void> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, data], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let depth = Number.POSITIVE_INFINITY;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (/^\d+$/.test(line)) depth = Number(line);
  });
  try {
    const ended = exited.then(() => {
      throw new Error("the agent ended before its outbox was empty");
    });
    await Promise.race([ended, waitFor("the outbox is empty", () => depth === 0, DRAIN_MS)]);
  } finally {
    child.stdin.end();
    await exited;
  }
}

/** How many of the epoch's observations are stored, and how many of them before one of a lower seq. */
async function order(centre: World, agent: string, epoch: string): Promise<{ stored: number; behind: number }> {
  const rows = await centre.store.query<{ at: number }>(
    `SELECT toUnixTimestamp64Milli(min(stored_at)) AS at FROM observation
     WHERE tenant = {tenant:String} AND agent = {agent:String} AND epoch = {epoch:String} GROUP BY seq ORDER BY seq`,
    { tenant: centre.tenant, agent, epoch },
  );
  let latest = 0;
  let behind = 0;
  for (const { at } of rows) {
    if (at < latest) behind += 1;
    latest = Math.max(latest, at);
  }
  return { stored: rows.length, behind };
}
