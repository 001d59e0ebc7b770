/** What a fault is, and what it may strike. */
import type { World } from "../../kit/index.ts";
import type { ChaosAgent } from "../agent.ts";

/** Whether what shows that a fault struck was seen, by something that did not strike; asked at the end of the run where it takes its time. */
export type Trace = boolean | (() => Promise<boolean>);

export interface Fault {
  readonly name: string;
  /** Strikes and heals. */
  strike(): Promise<Trace>;
}

export interface Struck {
  readonly world: World;
  readonly agent: ChaosAgent;
  /** In [0, 1). */
  readonly random: () => number;
}

/** True where it came to pass, false where it failed. */
export function cameTrue(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** Outbox empty, every receipt there: longest wait, ms. */
export const DRAIN_MS = 90_000;
/** What was killed stays down for at most this long, ms. */
export const DOWN_MS = 1_500;
