/** Time that tests move: sleepers wake in order, and what they set off runs before the next one. */
import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../probe/probe.ts";

export interface FakeClock extends Clock {
  /** Moves time on, waking every sleeper that is due on the way. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forth or back; the monotonic one goes on. */
  step(ms: number): void;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** Turns of the event loop that a chain of promises may take between two sleepers. */
const SETTLE_TURNS = 5;

async function settle(): Promise<void> {
  for (let i = 0; i < SETTLE_TURNS; i++) await turn();
}

export function createFakeClock(wallMs = 0): FakeClock {
  let now = 0;
  let stepped = 0;
  const sleepers = new Set<Sleeper>();
  return {
    wall: () => wallMs + stepped + now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const left = (): void => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        const sleeper: Sleeper = {
          at: now + ms,
          wake() {
            signal.removeEventListener("abort", left);
            resolve();
          },
        };
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        signal.addEventListener("abort", left, { once: true });
        sleepers.add(sleeper);
      }),
    step(ms) {
      stepped += ms;
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        now = Math.max(now, next.at);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}
