/**
 * Collects the rows of many messages into few inserts, and keeps trying until they are on disk. Tenants take turns.
 *
 * A row carries its identity, so inserting it twice is harmless and every doubt is settled by inserting again: no answer,
 * a read-only replica (242), too few replicas (285, 286), "may or may not be there" (319).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { PendingRow } from "../store/observation-row.ts";

export interface Sink {
  /** Resolves when the rows are on disk. */
  insert(rows: readonly PendingRow[], storedAt: number): Promise<void>;
  /** True where the error says that a row itself cannot be taken. */
  isBadRow(error: unknown): boolean;
}

export interface InserterOptions {
  readonly sink: Sink;
  /** ms since 1970. */
  readonly now: () => number;
  /** After an insert that succeeded, with its rows. */
  readonly onStored: (rows: readonly PendingRow[]) => void;
  readonly onFailed: (error: unknown, waitMs: number) => void;
  /** From the first attempt to the confirmation, ms. */
  readonly onConfirmed?: (tookMs: number) => void;
  readonly maxRows?: number;
  /** Of the rows of one insert together, about; one message alone may be larger. */
  readonly maxBytes?: number;
  /** Least from the beginning of one insert to that of the next, unless there are `maxRows`. */
  readonly maxAgeMs?: number;
  readonly firstDelayMs?: number;
}

/** The store refuses one of these rows whenever it is asked. */
export class BadRowsError extends Error {
  override readonly name = "BadRowsError";
}

/** The inserter was closed before these rows were stored. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

interface Item {
  readonly rows: readonly PendingRow[];
  /** About what they take on their way and in the store's memory. */
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** An insert not confirmed within this is repeated under a new storage time: readers look back 10 minutes, no further. */
const CONFIRM_MS = 5 * 60_000;
const LAST_DELAY_MS = 10_000;
const FULL_AT_ONCE = 2;
/** Few bytes of a message may be many as a row: what the store has no memory for would be tried for ever, and everybody would wait behind it. */
const MAX_BYTES = 32 * 1024 ** 2;
/** Of a row, beside its long columns. */
const ROW_BYTES = 512;

function weigh(rows: readonly PendingRow[]): number {
  return rows.reduce((sum, r) => sum + ROW_BYTES + r.facts.length + r.posture.length + r.volatile.length + r.evidence.length, 0);
}

export class Inserter {
  readonly #o: Required<Omit<InserterOptions, "onConfirmed">> & Pick<InserterOptions, "onConfirmed">;
  readonly #closing = new AbortController();
  /** By tenant, who was served longest ago first. */
  readonly #waiting = new Map<string, Item[]>();
  #rows = 0;
  /** When the last insert began, ms of performance.now. */
  #began = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  readonly #running = new Set<Promise<void>>();

  constructor(o: InserterOptions) {
    this.#o = { maxRows: 10_000, maxBytes: MAX_BYTES, maxAgeMs: 250, firstDelayMs: 200, ...o };
  }

  /** Whether more waits than the next insert takes. */
  get isBehind(): boolean {
    return this.#rows > this.#o.maxRows;
  }

  /** Resolves when all rows are on disk. @throws BadRowsError, NotStoredError */
  submit(rows: readonly PendingRow[]): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new NotStoredError("closed"));
    return new Promise((done, failed) => {
      const tenant = rows[0]?.tenant ?? "";
      const queue = this.#waiting.get(tenant);
      const item = { rows, bytes: weigh(rows), done, failed };
      if (queue === undefined) this.#waiting.set(tenant, [item]);
      else queue.push(item);
      this.#rows += rows.length;
      this.#plan();
    });
  }

  /** Gives up what is not stored yet; its messages are delivered again. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running.size > 0 || this.#waiting.size > 0) {
      this.#flush();
      await Promise.race(this.#running);
    }
  }

  /** The store is spared small inserts: those that begin within `maxAgeMs` of the last one wait until it has passed. */
  #plan(): void {
    if (this.#rows >= this.#o.maxRows) this.#flush();
    else if (this.#waiting.size > 0) {
      const waitMs = Math.max(0, this.#began + this.#o.maxAgeMs - performance.now());
      this.#timer ??= setTimeout(() => this.#flush(), waitMs);
    }
  }

  /** One insert at a time: what arrives meanwhile makes the next one larger. Where that is full, it is made ready while the store takes the first. */
  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const most = this.#rows >= this.#o.maxRows ? FULL_AT_ONCE : 1;
    if (this.#running.size >= most || this.#waiting.size === 0) return;
    this.#began = performance.now();
    const run = this.#store(this.#take()).then(() => {
      this.#running.delete(run);
      this.#plan();
    });
    this.#running.add(run);
  }

  /** One message of each tenant in turn: a flood of one fills only what the others leave. */
  #take(): Item[] {
    const { maxRows, maxBytes } = this.#o;
    const items: Item[] = [];
    let [rows, bytes] = [0, 0];
    const isFull = () => rows >= maxRows || bytes >= maxBytes;
    while (this.#waiting.size > 0 && !isFull()) {
      for (const [tenant, queue] of [...this.#waiting]) {
        const item = queue.shift();
        this.#waiting.delete(tenant);
        if (queue.length > 0) this.#waiting.set(tenant, queue);
        if (item === undefined) continue;
        items.push(item);
        rows += item.rows.length;
        bytes += item.bytes;
        if (isFull()) break;
      }
    }
    this.#rows -= rows;
    return items;
  }

  async #store(items: readonly Item[]): Promise<void> {
    const rows = items.flatMap((item) => item.rows);
    try {
      await this.#insert(rows);
    } catch (error) {
      if (error instanceof BadRowsError && items.length > 1) {
        // One message must not take its neighbours with it: halved until it stands alone.
        const middle = items.length >> 1;
        await this.#store(items.slice(0, middle));
        await this.#store(items.slice(middle));
        return;
      }
      for (const item of items) item.failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#o.onStored(rows);
    for (const item of items) item.done();
  }

  async #insert(rows: readonly PendingRow[]): Promise<void> {
    const { now, sink, firstDelayMs, onFailed } = this.#o;
    const began = performance.now();
    let delay = firstDelayMs;
    let storedAt = now();
    for (;;) {
      if (this.#closing.signal.aborted) throw new NotStoredError("closed");
      // The same storage time while it is fresh: the same rows again collapse into one.
      if (now() - storedAt > CONFIRM_MS) storedAt = now();
      try {
        await sink.insert(rows, storedAt);
        if (now() - storedAt <= CONFIRM_MS) {
          this.#o.onConfirmed?.(performance.now() - began);
          return;
        }
      } catch (error) {
        if (sink.isBadRow(error)) throw new BadRowsError("the store refuses the rows", { cause: error });
        onFailed(error, delay);
        await sleep(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
        delay = Math.min(delay * 2, LAST_DELAY_MS);
      }
    }
  }
}
