/** Memory of processes, as Linux tells it. */
import { readFileSync } from "node:fs";

const KIB = 1_024;
const MINUTE_MS = 60_000;

function field(file: string, name: string): number {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .find((l) => l.startsWith(`${name}:`));
  return Number(line?.split(/\s+/)[1] ?? Number.NaN) * KIB;
}

export function residentBytes(pid: number): number {
  return field(`/proc/${pid}/status`, "VmRSS");
}

export interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Least squares, bytes per minute. */
export function slope(samples: readonly Sample[]): number {
  const n = samples.length;
  const meanAt = samples.reduce((sum, s) => sum + s.atMs, 0) / n;
  const meanBytes = samples.reduce((sum, s) => sum + s.bytes, 0) / n;
  const over = samples.reduce((sum, s) => sum + (s.atMs - meanAt) * (s.bytes - meanBytes), 0);
  const under = samples.reduce((sum, s) => sum + (s.atMs - meanAt) ** 2, 0);
  return (over / under) * MINUTE_MS;
}

/** Of sorted or unsorted values, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
