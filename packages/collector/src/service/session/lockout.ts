/** Failed logins cost time: after five in a row a login waits a minute, then twice as long each time, up to a quarter of an hour. */

const FREE = 5;
const FIRST_MS = 60_000;
const MAX_MS = 15 * 60_000;
const FORGET_MS = 24 * 3_600_000;
const MAX_KEYS = 10_000;

interface Failures {
  count: number;
  at: number;
  until: number;
}

export class Lockout {
  readonly #now: () => number;
  readonly #failures = new Map<string, Failures>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Time to wait before the next attempt, ms; 0: now. */
  wait(key: string): number {
    const failures = this.#failures.get(key);
    return failures === undefined ? 0 : Math.max(0, failures.until - this.#now());
  }

  failed(key: string): void {
    const now = this.#now();
    const before = this.#failures.get(key);
    const count = before === undefined || now - before.at > FORGET_MS ? 1 : before.count + 1;
    const over = count - FREE;
    const until = over < 0 ? 0 : now + Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(over, 10));
    this.#failures.delete(key);
    const oldest = this.#failures.size >= MAX_KEYS ? this.#failures.keys().next().value : undefined;
    if (oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(key, { count, at: now, until });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
