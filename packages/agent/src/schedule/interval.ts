/** How often each kind of look is taken. Policy may name others (docs/schedule.md). */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DEFAULT_INTERVALS = {
  presence: 60 * SECOND,
  guard: 5 * MINUTE,
  certificate: 15 * MINUTE,
  light: HOUR,
  wifi: HOUR,
  tls: 6 * HOUR,
  common: 24 * HOUR,
  sweep: 30 * 24 * HOUR,
  /** No look: the agent says that it runs. */
  alive: 5 * MINUTE,
} as const;

/** Of looks. */
export type IntervalName = Exclude<keyof typeof DEFAULT_INTERVALS, "alive"> | "discovery";

/** Faster than this nobody looks, whatever a policy says. */
const FASTEST_MS = SECOND;
/** A whole scope is not searched more often than this unless the policy says so by name. */
const DISCOVERY_FLOOR_MS = MINUTE;
/** Looks of many devices drift apart instead of coming in step. */
const JITTER = 0.1;

export function intervalOf(name: IntervalName | "alive", told: ReadonlyMap<string, number>): number {
  const named = told.get(name);
  if (named !== undefined) return Math.max(named, FASTEST_MS);
  if (name === "discovery") return Math.max(intervalOf("light", told), DISCOVERY_FLOOR_MS);
  return DEFAULT_INTERVALS[name];
}

/** @param random in [0, 1) */
export function jittered(intervalMs: number, random: () => number): number {
  return intervalMs * (1 - JITTER + 2 * JITTER * random());
}
