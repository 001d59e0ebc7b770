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
  /** Takes the most urgent due entry that passes; of equals the one that waited longest. @param withBulk default: true */
  take(nowMs: number, passes?: (item: T) => boolean, withBulk?: boolean): Queued<T> | undefined;
  /** When the next of the entries that are not due becomes so; undefined where there is none. */
  nextDueMs(nowMs: number): number | undefined;
  dueCount(nowMs: number): number;
  /** Whether anything due but bulk is such. */
  hasDue(nowMs: number, is: (item: T) => boolean): boolean;
  readonly size: number;
}

/** Left-over entries in the heap before they are cleared away, beside as many as there are current ones. */
const STALE = 64;

/**
 * What is not due waits in a heap; what is due, mostly little, is scanned, since a heap cannot pass over what may not go now. An entry that was
 * moved or removed stays in the heap until its time, and is then left out.
 * @param isBulk long work that is due for hours before its turn comes: it is scanned only where its turn may be now
 */
export function createDueQueue<T>(isBulk: (item: T) => boolean = () => false): DueQueue<T> {
  const entries = new Map<string, Queued<T>>();
  let waiting = createHeap<T>();
  const due = new Map<string, Queued<T>>();
  const bulk = new Map<string, Queued<T>>();

  function isCurrent(e: Queued<T>): boolean {
    return entries.get(e.key) === e;
  }

  function put(entry: Queued<T>): void {
    drop(entry.key);
    entries.set(entry.key, entry);
    waiting.push(entry);
    if (waiting.size > 2 * entries.size + STALE) clear();
  }

  function drop(key: string): void {
    entries.delete(key);
    due.delete(key);
    bulk.delete(key);
  }

  function clear(): void {
    waiting = createHeap<T>();
    for (const e of entries.values()) if (!due.has(e.key) && !bulk.has(e.key)) waiting.push(e);
  }

  /** Moves what became due. */
  function ripen(nowMs: number): void {
    for (let e = waiting.top(); e !== undefined && (e.dueMs <= nowMs || !isCurrent(e)); e = waiting.top()) {
      waiting.pop();
      if (isCurrent(e)) (isBulk(e.item) ? bulk : due).set(e.key, e);
    }
  }

  /** Of those due, the one to take before `best`. */
  function better(
    among: ReadonlyMap<string, Queued<T>>,
    nowMs: number,
    passes: (item: T) => boolean,
    best?: Queued<T>,
  ): Queued<T> | undefined {
    let found = best;
    for (const e of among.values()) {
      if (e.dueMs > nowMs) continue;
      if (found !== undefined && (e.urgency > found.urgency || (e.urgency === found.urgency && e.dueMs >= found.dueMs))) continue;
      if (passes(e.item)) found = e;
    }
    return found;
  }

  return {
    put,
    hasten(key, dueMs, urgency) {
      const known = entries.get(key);
      if (known === undefined) return false;
      put({ ...known, dueMs: Math.min(known.dueMs, dueMs), urgency: Math.min(known.urgency, urgency) });
      return true;
    },
    remove: drop,
    get: (key) => entries.get(key),
    take(nowMs, passes = () => true, withBulk = true) {
      ripen(nowMs);
      let best = better(due, nowMs, passes);
      if (withBulk) best = better(bulk, nowMs, passes, best);
      if (best !== undefined) drop(best.key);
      return best;
    },
    nextDueMs(nowMs) {
      ripen(nowMs);
      return waiting.top()?.dueMs;
    },
    dueCount(nowMs) {
      ripen(nowMs);
      let count = 0;
      for (const ripe of [due, bulk]) for (const { dueMs } of ripe.values()) if (dueMs <= nowMs) count++;
      return count;
    },
    hasDue(nowMs, is) {
      ripen(nowMs);
      for (const { dueMs, item } of due.values()) if (dueMs <= nowMs && is(item)) return true;
      return false;
    },
    get size() {
      return entries.size;
    },
  };
}

/** A binary heap; the entry that is due first is on top. */
function createHeap<T>() {
  const heap: Queued<T>[] = [];
  const at = (i: number) => heap[i] as Queued<T>;

  function swap(i: number, j: number): void {
    const e = at(i);
    heap[i] = at(j);
    heap[j] = e;
  }

  return {
    get size() {
      return heap.length;
    },
    top: (): Queued<T> | undefined => heap[0],
    push(entry: Queued<T>): void {
      heap.push(entry);
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (at(parent).dueMs <= at(i).dueMs) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop(): void {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      heap[0] = last;
      for (let i = 0; ; ) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && at(child).dueMs < at(least).dueMs) least = child;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
    },
  };
}
