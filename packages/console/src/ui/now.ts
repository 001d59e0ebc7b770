/** The time of day, shared by everything that says "2 min ago": one timer for the page. */
import { useSyncExternalStore } from "react";

const TICK_MS = 5_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** ms since 1970; moves every few seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
