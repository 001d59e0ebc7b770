/** The machine's clock. */
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../probe/probe.ts";

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};
