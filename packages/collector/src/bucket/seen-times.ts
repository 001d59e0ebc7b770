/** Which storage times were read. What became visible late shows by other numbers of rows: an insert is visible in a table whole or not at all. */
import type { StorageTime } from "../store/index.ts";

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
