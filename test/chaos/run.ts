/** Faults at random against one agent and one centre, then the question what became of what was produced. */
import { setTimeout as sleep } from "node:timers/promises";
import { randomOf, startWorld, waitFor } from "../kit/index.ts";
import { ChaosAgent } from "./agent.ts";
import { KnownAnswers } from "./answer.ts";
import { check, type Findings, isRight } from "./check.ts";
import { TWIN } from "./fault/disk.ts";
import type { Trace } from "./fault/fault.ts";
import { faultsOf } from "./fault/index.ts";

export interface ChaosOptions {
  readonly seed: number;
  /** Faults to strike. */
  readonly rounds: number;
  /** Servers that ClickHouse is; default 1. */
  readonly shards?: number;
  /** Strikes only faults whose name contains this; default all. */
  readonly only?: string;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

export type Strikes = Readonly<Record<string, { readonly struck: number; readonly seen: number }>>;

export interface ChaosReport extends Findings {
  readonly seed: number;
  readonly rounds: number;
  /** How often each fault was struck, and how often its trace was seen. */
  readonly faults: Strikes;
  /** Answers asked for during the run, and those of them that are others now. */
  readonly answers: number;
  readonly changedAnswers: readonly string[];
  /** Rows that the sweep after the run had to correct; null where no sweep came. */
  readonly corrections: number | null;
  /** From the last fault until everything was stored and shown, s. */
  readonly recoveredS: number;
  readonly holds: boolean;
}

const LEAST_MS = 300;
const MOST_MS = 1_500;
/** Of the parts of the centre: what a run needs several times over, and little enough to be filled in a moment. */
const DISK_MIB = { nats: 256, clickhouse: 1024 };
const SWEEP_S = 10;
const SWEEP_MOST_MS = 40_000;
const DRAIN_MS = 120_000;
const SHOWN_MS = 60_000;
const REFUSALS = 5;

/** A run without faults, or with one that left no trace, shows nothing. */
export function allSeen(faults: Strikes): boolean {
  const counts = Object.values(faults);
  return counts.length > 0 && counts.every(({ struck, seen }) => struck > 0 && seen === struck);
}

/** A centre that has just been healed may refuse an answer now and then; what it answers must be right. @throws what it says in the end */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let refused = 1; ; refused++) {
    try {
      return await ask();
    } catch (error) {
      if (refused === REFUSALS) throw error;
      await sleep(1_000);
    }
  }
}

function drawn<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new RangeError("there is nothing to draw");
  return one;
}

/** The same seed draws the same faults in the same order; what each meets depends on the machine. */
export async function chaos({ seed, rounds, shards = 1, only = "", say }: ChaosOptions): Promise<ChaosReport> {
  const random = randomOf(seed);
  const world = await startWorld({ sweepSeconds: SWEEP_S, shards, diskMib: DISK_MIB });
  let agent: ChaosAgent | null = null;
  try {
    agent = await ChaosAgent.enroll(world);
    agent.start();
    await agent.says("the first observations", ({ mark }) => mark > 10);
    const answers = new KnownAnswers(world.api);
    const faults = faultsOf({ world, agent, random }).filter(({ name }) => name.includes(only));
    if (faults.length === 0) throw new RangeError(`--only: no fault has "${only}" in its name`);
    const drawing = Array.from({ length: rounds }, () => drawn(faults, random));
    // For three minutes after a copy of a disk fell silent much collapses: in one run of two they come last, so that it shows what the others do.
    const plan = random() < 0.5 ? drawing : drawing.toSorted((a, b) => Number(a.name === TWIN) - Number(b.name === TWIN));
    const traces: { readonly name: string; readonly trace: Trace }[] = [];
    for (const [i, fault] of plan.entries()) {
      await sleep(LEAST_MS + random() * (MOST_MS - LEAST_MS));
      await answers.ask(random);
      const began = performance.now();
      const trace = await fault.strike();
      traces.push({ name: fault.name, trace });
      const tookS = (performance.now() - began) / 1_000;
      say(`${i + 1} of ${rounds}: ${fault.name}${trace === false ? ", NOT SEEN" : ""} (${tookS.toFixed(1)} s)`);
    }
    const healed = performance.now();
    for (const part of world.parts) await world.start(part);
    await agent.says("the agent speaks");
    await agent.drain(DRAIN_MS);
    const { journal } = agent;
    await waitFor("the API answers", () => world.api.ready(), 60_000, 250);
    let findings = await patiently(() => check(world, journal));
    const until = Date.now() + SHOWN_MS;
    while (!isRight(findings) && Date.now() < until) {
      await sleep(1_000);
      findings = await patiently(() => check(world, journal));
    }
    const recoveredS = (performance.now() - healed) / 1_000;
    const corrections = await patiently(() => correctionsOfSweep(world.api.metrics));
    const changedAnswers = await patiently(() => answers.changed());
    const strikes = await countTraces(traces);
    const holds = isRight(findings) && allSeen(strikes) && corrections === 0 && answers.size > 0 && changedAnswers.length === 0;
    return { seed, rounds, ...findings, faults: strikes, answers: answers.size, changedAnswers, corrections, recoveredS, holds };
  } finally {
    await agent?.close();
    await world.close();
  }
}

async function countTraces(traces: readonly { readonly name: string; readonly trace: Trace }[]): Promise<Strikes> {
  const counts: Record<string, { struck: number; seen: number }> = {};
  for (const { name, trace } of traces.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const count = counts[name] ?? { struck: 0, seen: 0 };
    const isSeen = typeof trace === "boolean" ? trace : await trace();
    counts[name] = { struck: count.struck + 1, seen: count.seen + (isSeen ? 1 : 0) };
  }
  return counts;
}

/** What the whole sweep corrects that begins now; null where none comes. */
async function correctionsOfSweep(metrics: () => Promise<string>): Promise<number | null> {
  const value = async (name: string) => Number(new RegExp(`^${name}_total (\\d+)`, "m").exec(await metrics())?.[1] ?? Number.NaN);
  const before = { devices: await value("vedette_sweep_devices"), corrections: await value("vedette_sweep_corrections") };
  const until = Date.now() + SWEEP_MOST_MS;
  while (!((await value("vedette_sweep_devices")) > before.devices)) {
    if (Date.now() > until) return null;
    await sleep(500);
  }
  return (await value("vedette_sweep_corrections")) - before.corrections;
}
