/** The machine's clock with a monotonic time that counts from its boot and says so. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Clock } from "../probe/probe.ts";
import { systemClock } from "./clock.ts";

/** The uptime is told in hundredths of a second: what differs by less is no sleep. */
const SLEPT_MS = 1_000;
/** The kernel is asked this often: its answer is a file to be read, and the clock is looked at at every turn. */
const ASKED_MS = 1_000;
/** It is also asked where the wall clock went so much further than the machine was awake: after a sleep, or a step. */
const AHEAD_MS = SLEPT_MS / 2;

export interface MonotonicSources {
  /** Without the time that the machine slept, ms. */
  readonly awake: () => number;
  /** With it, ms, coarse. */
  readonly sinceBoot: () => number;
  readonly wall: () => number;
}

/** Monotonic since boot, also over a sleep of the machine: who looks back along it finds when something was. */
export function monotonicSinceBoot({ awake, sinceBoot, wall }: MonotonicSources): () => number {
  let sleptMs = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let aheadWhenAsked = 0;
  return () => {
    const now = awake();
    const ahead = wall() - now;
    if (now - askedAt >= ASKED_MS || ahead - aheadWhenAsked >= AHEAD_MS) {
      askedAt = now;
      aheadWhenAsked = ahead;
      const slept = sinceBoot() - now;
      if (slept - sleptMs > SLEPT_MS) sleptMs = slept;
    }
    return now + sleptMs;
  };
}

/** From the boot to the origin of performance.now(), ms, sleeps left out. */
const beforeOriginMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const bootClock: Clock = {
  ...systemClock,
  monotonic: monotonicSinceBoot({
    awake: () => beforeOriginMs + performance.now(),
    sinceBoot: () => uptime() * 1000,
    wall: systemClock.wall,
  }),
};

/** Changes when the monotonic clock begins anew. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID();
  }
}
