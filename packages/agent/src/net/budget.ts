/**
 * How fast the agent may knock. Counts connection attempts and datagrams: per host 10/s and one at a time, 50/s per host in sweeps,
 * 200/s per site.
 */
import type { Clock } from "../probe/probe.ts";
import { Permits } from "./permits.ts";

/**
 * `exclusive`: `hostConcurrent` connections at a time, each held until it is closed. `look`: as many attempts at a time; a standing connection
 * does not hold the permit (first bytes of several ports are awaited together). `sweep`: the faster rate, several attempts at once.
 */
export type Lane = "exclusive" | "look" | "sweep";

export interface BudgetLimits {
  readonly sitePerSecond: number;
  readonly hostPerSecond: number;
  readonly sweepHostPerSecond: number;
  /** Attempts under way at once to one host, but for sweeps. */
  readonly hostConcurrent: number;
  /** Attempts under way at once to one host in a sweep. */
  readonly sweepAttempts: number;
}

export const DEFAULT_LIMITS: BudgetLimits = {
  sitePerSecond: 200,
  hostPerSecond: 10,
  sweepHostPerSecond: 50,
  hostConcurrent: 1,
  sweepAttempts: 50,
};

/** Give it back when the attempt (or, in the exclusive lane, the connection) has ended; safe to call twice. */
export type Release = () => void;

export interface Budget {
  /** Waits for room; undefined where the signal ended first: then nothing may be sent. */
  acquire(host: string, lane: Lane, signal: AbortSignal): Promise<Release | undefined>;
  /** Room for one datagram to a host; "multicast" counts against the site alone. */
  spend(host: string | "multicast", signal: AbortSignal): Promise<boolean>;
}

/** A bucket of `burst` tokens that fills at `perSecond`, kept as the time at which it would be full again (GCRA). */
class TokenBucket {
  readonly #stepMs: number;
  readonly #burstMs: number;
  #fullAt = 0;

  constructor(perSecond: number, burst: number) {
    this.#stepMs = 1000 / perSecond;
    this.#burstMs = this.#stepMs * Math.max(1, burst);
  }

  /** Takes one token and returns how long to wait before it may be used, ms. */
  take(now: number): number {
    this.#fullAt = Math.max(this.#fullAt, now) + this.#stepMs;
    return Math.max(0, this.#fullAt - now - this.#burstMs);
  }

  /** Returns a token that was not used. */
  giveBack(): void {
    this.#fullAt -= this.#stepMs;
  }

  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}

interface HostShare {
  readonly normal: TokenBucket;
  readonly sweep: TokenBucket;
  readonly few: Permits;
  readonly many: Permits;
}

/** Hosts remembered before idle ones are forgotten; a host that is idle and full loses nothing by it. */
const HOSTS_KEPT = 4096;

export function createBudget(clock: Clock, limits: BudgetLimits = DEFAULT_LIMITS): Budget {
  const site = new TokenBucket(limits.sitePerSecond, limits.sitePerSecond / 10);
  const hosts = new Map<string, HostShare>();

  function shareOf(host: string): HostShare {
    const known = hosts.get(host);
    if (known) return known;
    if (hosts.size >= HOSTS_KEPT) forgetIdle();
    const share = {
      normal: new TokenBucket(limits.hostPerSecond, 1),
      sweep: new TokenBucket(limits.sweepHostPerSecond, 1),
      few: new Permits(limits.hostConcurrent),
      many: new Permits(limits.sweepAttempts),
    };
    hosts.set(host, share);
    return share;
  }

  function forgetIdle(): void {
    const now = clock.monotonic();
    for (const [host, s] of hosts) {
      if (s.few.idle && s.many.idle && s.normal.isFull(now) && s.sweep.isFull(now)) hosts.delete(host);
    }
  }

  async function pay(buckets: readonly TokenBucket[], signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const now = clock.monotonic();
    const waitMs = Math.max(...buckets.map((b) => b.take(now)));
    if (waitMs === 0) return true;
    try {
      await clock.sleep(waitMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) return true;
    for (const b of buckets) b.giveBack();
    return false;
  }

  return {
    async acquire(host, lane, signal) {
      const share = shareOf(host);
      const permits = lane === "sweep" ? share.many : share.few;
      if (!(await permits.acquire(signal))) return undefined;
      if (!(await pay([lane === "sweep" ? share.sweep : share.normal, site], signal))) {
        permits.release();
        return undefined;
      }
      let held = true;
      return () => {
        if (held) permits.release();
        held = false;
      };
    },
    spend: (host, signal) => pay(host === "multicast" ? [site] : [shareOf(host).normal, site], signal),
  };
}
