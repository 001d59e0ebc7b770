/** Which storage times were read. What became visible late shows by other numbers of rows: an insert is visible in a table whole or not at all. */
import type { StorageTime } from "../store/index.ts";

/**
 * From when on storage times are asked for, ms: some time before the latest. Not before one that lies in the future, as of a collector whose clock ran
 * ahead: what the others store meanwhile would not be read before that future has come.
 */
export function lookFrom(latest: number, now: number, backMs: number): number {
  return Math.min(latest, now) - backMs;
}

export class SeenTimes {
  readonly #times = new Map<number, StorageTime>();

  /** Those that may have rows not read yet, ms. */
  unseen(times: readonly StorageTime[]): number[] {
    return times.flatMap(({ at, facts, confirmed }) => {
      const seen = this.#times.get(at);
      return seen?.facts === facts && seen.confirmed === confirmed ? [] : [at];
    });
  }

  add(times: readonly StorageTime[]): void {
    for (const time of times) this.#times.set(time.at, time);
  }

  /** What is older will not be asked for again. */
  forget(beforeMs: number): void {
    for (const at of this.#times.keys()) if (at < beforeMs) this.#times.delete(at);
  }
}
