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

function residentBytes(pid: number): number {
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

/** Takes samples of a process until it is told to end; none while `pid` gives null. */
export function watchResident(pid: () => number | null, everyMs = 500): { end(): readonly Sample[] } {
  const samples: Sample[] = [];
  const timer = setInterval(() => {
    const of = pid();
    if (of !== null) samples.push({ atMs: performance.now(), bytes: residentBytes(of) });
  }, everyMs);
  return {
    end() {
      clearInterval(timer);
      return samples;
    },
  };
}
