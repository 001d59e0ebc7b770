/** Which storage times were read, with how many rows: what became visible late is known by having more. */
import type { StorageTime } from "../store/index.ts";

export class SeenTimes {
  readonly #rows = new Map<number, number>();

  /** Those that have rows not read yet, ms. */
  unseen(times: readonly StorageTime[]): number[] {
    return times.flatMap(({ at, rows }) => (this.#rows.get(at) === rows ? [] : [at]));
  }

  add(times: readonly StorageTime[]): void {
    for (const { at, rows } of times) this.#rows.set(at, rows);
  }

  /** What is older will not be asked for again. */
  forget(beforeMs: number): void {
    for (const at of this.#rows.keys()) if (at < beforeMs) this.#rows.delete(at);
  }
}
