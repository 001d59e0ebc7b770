import type { Clock } from "./probe/probe.ts";

export interface BackOff {
  /** Waits, each time twice as long up to the cap, by chance between half and one and a half of it. Ends early with the signal. */
  wait(signal: AbortSignal): Promise<void>;
  /** It went well: the next wait is the first again. */
  reset(): void;
}

export function createBackOff(clock: Clock, random: () => number, firstMs: number, capMs: number): BackOff {
  let ms = firstMs;
  return {
    async wait(signal) {
      const now = ms * (0.5 + random());
      ms = Math.min(ms * 2, capMs);
      await clock.sleep(now, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    reset() {
      ms = firstMs;
    },
  };
}
