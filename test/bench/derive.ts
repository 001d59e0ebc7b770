/**
 * What deriving costs: a quiet site of so many devices whose ten looks are confirmed every hour. `node test/bench/derive.ts [devices] [hours]`
 * prints one JSON line: whole against step by step, and bytes a quiet device takes in memory.
 */
import { performance } from "node:perf_hooks";
import { SiteWork, sha256 } from "../../packages/collector/src/bucket/site-work.ts";
import {
  deriveSite,
  difference,
  NOTHING_STORED,
  type SiteInput,
  type StoredObservation,
} from "../../packages/collector/src/derive/index.ts";
import { HOUR, round, START } from "../../packages/collector/test/derive/quiet-site.ts";

const NO_DECISIONS = { profiles: [], memberships: [], names: [], attestations: [], overrules: [] };

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function timed<T>(act: () => T): { ms: number; value: T } {
  const began = performance.now();
  const value = act();
  return { ms: performance.now() - began, value };
}

/** Both parts of deriving a site from nothing, without a hold on what they make. */
function wholly(input: SiteInput): { deriveMs: number; differenceMs: number } {
  const derived = timed(() => deriveSite(input, at, { hash: sha256 }));
  const cx = { tenant: "t", site: "s", at, hash: sha256, observation: () => undefined };
  const compared = timed(() => difference(work.stored, derived.value, cx));
  return { deriveMs: derived.ms, differenceMs: compared.ms };
}

const devices = Number(process.argv[2] ?? 100);
const hours = Number(process.argv[3] ?? 24);
const before = heap();
const work = new SiteWork("t", "s", NOTHING_STORED);
let all: StoredObservation[] | null = [];
const steps: number[] = [];
let observations = 0;
for (let hour = 0; hour <= hours; hour++) {
  const seen = round(devices, hour);
  if (hour < 24) all?.push(...seen);
  // A hundred observations a step: what comes in about half a minute from 1,000 devices.
  const size = hour === 0 ? seen.length : 100;
  for (let i = 0; i < seen.length; i += size) {
    const batch = seen.slice(i, i + size);
    const { ms } = timed(() => {
      for (const o of batch) work.add(o);
      const at = (batch.at(-1) as StoredObservation).storedAt + 10;
      const step = work.derive(NO_DECISIONS, at);
      if (step === null) throw new Error("a quiet site needs nothing read again");
      work.applied(step, at + 1);
    });
    if (hour > 0) steps.push(ms);
    observations += batch.length;
  }
}
steps.sort((a, b) => a - b);
const wholeHours = Math.min(hours + 1, 24);
const at = START + wholeHours * HOUR;
const input: { -readonly [K in keyof SiteInput]: SiteInput[K] } = {
  tenant: "t",
  site: "s",
  observations: all,
  decisions: NO_DECISIONS,
  known: new Map(),
  sharedKeys: [],
  rules: "bench",
};
const { deriveMs, differenceMs } = wholly(input);
const wholeObservations = all.length;
all = null;
input.observations = [];
work.release();
const after = heap();
const total = steps.reduce((a, b) => a + b, 0);
process.stdout.write(
  `${JSON.stringify({
    devices,
    hours,
    observations,
    whole: { observations: wholeObservations, deriveMs: Math.round(deriveMs), differenceMs: Math.round(differenceMs) },
    further: {
      steps: steps.length,
      perSecond: Math.round((1000 * steps.length) / total),
      p50Ms: Number((steps[steps.length >> 1] ?? 0).toFixed(2)),
      p99Ms: Number((steps[Math.floor(steps.length * 0.99)] ?? 0).toFixed(2)),
      stepsOverEverything: work.steps.whole,
    },
    memory: {
      observations: work.observationCount,
      bytesPerDevice: Math.round((after - before) / devices),
      measured: globalThis.gc !== undefined,
    },
  })}\n`,
);
