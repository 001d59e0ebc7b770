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
  /** Whether anything due is such. */
  hasDue(nowMs: number, is: (item: T) => boolean): boolean;
  readonly size: number;
}

/** Left-over entries in the heap before they are cleared away, beside as many as there are current ones. */
const STALE = 64;

/**
 * What is not due waits in a heap; what is due, mostly little, is scanned, since a heap cannot pass over what may not go now. An entry that was
 * moved or removed stays in the heap until its time, and is then left out.
 */
export function createDueQueue<T>(): DueQueue<T> {
  const entries = new Map<string, Queued<T>>();
  let waiting = createHeap<T>();
  const due = new Map<string, Queued<T>>();

  function isCurrent(e: Queued<T>): boolean {
    return entries.get(e.key) === e;
  }

  function put(entry: Queued<T>): void {
    entries.set(entry.key, entry);
    due.delete(entry.key);
    waiting.push(entry);
    if (waiting.size > 2 * entries.size + STALE) clear();
  }

  function clear(): void {
    waiting = createHeap<T>();
    for (const e of entries.values()) if (!due.has(e.key)) waiting.push(e);
  }

  /** Moves what became due. */
  function ripen(nowMs: number): void {
    for (let e = waiting.top(); e !== undefined && (e.dueMs <= nowMs || !isCurrent(e)); e = waiting.top()) {
      waiting.pop();
      if (isCurrent(e)) due.set(e.key, e);
    }
  }

  function* ripe(nowMs: number): Generator<Queued<T>> {
    ripen(nowMs);
    for (const e of due.values()) if (e.dueMs <= nowMs) yield e;
  }

  return {
    put,
    hasten(key, dueMs, urgency) {
      const known = entries.get(key);
      if (known === undefined) return false;
      put({ ...known, dueMs: Math.min(known.dueMs, dueMs), urgency: Math.min(known.urgency, urgency) });
      return true;
    },
    remove(key) {
      entries.delete(key);
      due.delete(key);
    },
    get: (key) => entries.get(key),
    take(nowMs, passes = () => true) {
      let best: Queued<T> | undefined;
      for (const e of ripe(nowMs)) {
        if (best !== undefined && (e.urgency > best.urgency || (e.urgency === best.urgency && e.dueMs >= best.dueMs))) continue;
        if (passes(e.item)) best = e;
      }
      if (best !== undefined) {
        entries.delete(best.key);
        due.delete(best.key);
      }
      return best;
    },
    nextDueMs() {
      ripen(Number.NEGATIVE_INFINITY);
      let next = waiting.top()?.dueMs;
      for (const { dueMs } of due.values()) next = next === undefined ? dueMs : Math.min(next, dueMs);
      return next;
    },
    dueCount: (nowMs, counts = () => true) => ripe(nowMs).reduce((n, e) => n + (counts(e.item) ? 1 : 0), 0),
    hasDue: (nowMs, is) => ripe(nowMs).some((e) => is(e.item)),
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
