/** What is due when. One entry per key; of what is due, the most urgent goes first. */

export interface Queued<T> {
  readonly key: string;
  readonly item: T;
  /** Monotonic, ms. */
  readonly dueMs: number;
  /** 0 is the most urgent. */
  readonly urgency: number;
}

export interface DueQueue<T> {
  /** Puts an entry in, or moves the one that has this key. */
  put(entry: Queued<T>): void;
  /** Makes a known entry due earlier; never later. */
  hasten(key: string, dueMs: number, urgency: number): boolean;
  remove(key: string): void;
  get(key: string): Queued<T> | undefined;
  /** Takes the most urgent due entry that passes; of equals the one that waited longest. */
  take(nowMs: number, passes?: (item: T) => boolean): Queued<T> | undefined;
  /** When the next entry becomes due; undefined where there is none. */
  nextDueMs(): number | undefined;
  dueCount(nowMs: number, counts?: (item: T) => boolean): number;
  readonly size: number;
}

/**
 * A scan over a map: a site has a few thousand looks at most, and a heap cannot pass over the ones whose host is busy.
 */
export function createDueQueue<T>(): DueQueue<T> {
  const entries = new Map<string, Queued<T>>();
  return {
    put: (entry) => void entries.set(entry.key, entry),
    hasten(key, dueMs, urgency) {
      const known = entries.get(key);
      if (known === undefined) return false;
      entries.set(key, { ...known, dueMs: Math.min(known.dueMs, dueMs), urgency: Math.min(known.urgency, urgency) });
      return true;
    },
    remove: (key) => void entries.delete(key),
    get: (key) => entries.get(key),
    take(nowMs, passes = () => true) {
      let best: Queued<T> | undefined;
      for (const e of entries.values()) {
        if (e.dueMs > nowMs) continue;
        if (best !== undefined && (e.urgency > best.urgency || (e.urgency === best.urgency && e.dueMs >= best.dueMs))) continue;
        if (passes(e.item)) best = e;
      }
      if (best !== undefined) entries.delete(best.key);
      return best;
    },
    nextDueMs() {
      let next: number | undefined;
      for (const e of entries.values()) next = next === undefined ? e.dueMs : Math.min(next, e.dueMs);
      return next;
    },
    dueCount: (nowMs, counts = () => true) => [...entries.values()].reduce((n, e) => n + (e.dueMs <= nowMs && counts(e.item) ? 1 : 0), 0),
    get size() {
      return entries.size;
    },
  };
}
