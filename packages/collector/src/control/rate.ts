/** Token buckets by key (an address, an agent), bounded in number: a flood from many addresses forgets the oldest, never grows. */

interface Bucket {
  tokens: number;
  at: number;
}

export interface RateOptions {
  /** Most at once. */
  readonly burst: number;
  /** Time until one more is allowed, ms. */
  readonly everyMs: number;
  /** ms, monotonic */
  readonly now: () => number;
  /** Most keys remembered. */
  readonly keys?: number;
}

export class Rate {
  readonly #options: RateOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateOptions) {
    this.#options = options;
  }

  /** True where one more is allowed; it is counted then. */
  take(key: string): boolean {
    const { burst, everyMs, now, keys = 10_000 } = this.#options;
    const at = now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at };
    this.#buckets.delete(key);
    bucket.tokens = Math.min(burst, bucket.tokens + (at - bucket.at) / everyMs);
    bucket.at = at;
    // Insertion order is the order of last use.
    const oldest = this.#buckets.size >= keys ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** What was taken turned out to be harmless. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.tokens = Math.min(this.#options.burst, bucket.tokens + 1);
  }
}
