/** Sleeps of one loop that are mostly cut short: what wakes it leaves the timer standing, and the next sleep makes use of it. */
import type { Clock } from "../probe/probe.ts";

interface Standing {
  /** Monotonic, ms. */
  readonly atMs: number;
  readonly over: Promise<void>;
  cancel(): void;
}

export interface Sleeper {
  /** Resolves after so long, or earlier: an earlier sleep's time ends it too. Ends at once with the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Leaves no timer behind. */
  cancel(): void;
}

export function createSleeper(clock: Clock): Sleeper {
  let standing: Standing | undefined;

  function start(ms: number, signal: AbortSignal): Standing {
    const stop = new AbortController();
    const sleeping = clock.sleep(ms, AbortSignal.any([signal, stop.signal])).catch(() => undefined);
    const own: Standing = {
      atMs: clock.monotonic() + ms,
      over: sleeping.then(() => {
        if (standing === own) standing = undefined;
      }),
      cancel: () => stop.abort(),
    };
    return own;
  }

  function cancel(): void {
    standing?.cancel();
    standing = undefined;
  }

  return {
    cancel,
    sleep(ms, signal) {
      if (standing !== undefined && standing.atMs > clock.monotonic() + ms) cancel();
      standing ??= start(ms, signal);
      return standing.over;
    },
  };
}
