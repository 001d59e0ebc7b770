/** Who stores and who derives share a thread: while storing is behind, deriving has a share of the time and no more. */
import { setImmediate as otherTasks, setTimeout as sleep } from "node:timers/promises";

export interface TurnOptions {
  /** Whether more waits to be stored than is being stored. */
  readonly isBehind: () => boolean;
  /** Of the time, for all that derive together, 0 to 1. */
  readonly share?: number;
}

const SHARE = 1 / 4;
/** However much was taken at once: whoever derives waits no longer than this for storing, ms. */
const LONGEST_REST_MS = 2_000;
const LOOK_MS = 20;

export class Turn {
  readonly #isBehind: () => boolean;
  readonly #rest: number;
  /** When the time that was taken has been given back, ms of performance.now. */
  #restsUntil = 0;

  constructor({ isBehind, share = SHARE }: TurnOptions) {
    this.#isBehind = isBehind;
    this.#rest = 1 / share - 1;
  }

  /** To be awaited after so much work, ms: gives the thread to others, for as long as their share is owed to them. */
  async taken(ms: number): Promise<void> {
    const now = performance.now();
    this.#restsUntil = Math.min(Math.max(this.#restsUntil, now) + ms * this.#rest, now + LONGEST_REST_MS);
    await otherTasks();
    while (performance.now() < this.#restsUntil && this.#isBehind()) await sleep(LOOK_MS);
    // What nobody wanted is not owed.
    if (!this.#isBehind()) this.#restsUntil = 0;
  }
}
