/** Derives the buckets that this process holds now: wakes on hints, looks by itself, closes time, sweeps. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BaseLogger } from "pino";
import type { Decisions } from "../derive/index.ts";
import { Applier } from "../log/apply.ts";
import type { Changeset } from "../log/changeset.ts";
import { FencedError } from "../log/publish.ts";
import type { Bus } from "../log/stream.ts";
import type { AtStep } from "../step.ts";
import {
  type ReadWhole,
  readCompactAt,
  readSitesStoredAt,
  readStorageTimes,
  type StorageTime,
  type Store,
  wholeReader,
} from "../store/index.ts";
import { BucketHolder, type SiteRef } from "./holder.ts";
import { bucketOf } from "./number.ts";
import { lookFrom, SeenTimes } from "./seen-times.ts";
import { Turn } from "./turn.ts";

/** A hint may be lost: this often the store is asked for what came, ms. */
const POLL_MS = 1_000;
/** This often the whole overlap is looked through again, ms. */
const THOROUGH_MS = 60_000;
const THOROUGH_BACK_MS = 10 * 60_000;
const BACK_MS = 15_000;
/** While anybody reads, time is closed at least this often, ms. */
const CLOSE_MS = 9_000;
const READ_MS = 30_000;
/** Buckets opened at once: each reads all of its sites. */
const OPEN_AT_ONCE = 4;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

export interface WorkerMetrics {
  /** Storage time to visible, ms. */
  derived(bucket: number, lagMs: number): void;
  stepped(bucket: number, durationMs: number): void;
  swept(devices: number, corrections: number): void;
  failed(bucket: number): void;
  /** Another collector was faster. */
  fenced(bucket: number): void;
}

export interface WorkerOptions {
  readonly store: Store;
  readonly bus: Bus;
  readonly logger: BaseLogger;
  readonly buckets: number;
  /** Every site of every tenant. */
  readonly sites: () => readonly SiteRef[];
  readonly decisions: (site: SiteRef) => Decisions;
  readonly onApplied: (changeset: Changeset) => void;
  /** Whether this process holds the bucket now; it may change at any time. */
  readonly holds: (bucket: number) => boolean;
  readonly atStep?: AtStep;
  readonly metrics: WorkerMetrics;
  /** Whether the process has more to store than it stores; absent: never. */
  readonly isBehind?: () => boolean;
  /** Each device is derived anew from nothing within this time, ms. */
  readonly sweepMs: number;
  readonly now?: () => number;
}

export class DeriveWorker {
  readonly #o: WorkerOptions;
  readonly #now: () => number;
  readonly #holders = new Map<number, { holder: BucketHolder; open: boolean; retryAt: number; retryMs: number }>();
  readonly #seen = new SeenTimes();
  readonly #applier: Applier;
  readonly #readWhole: ReadWhole;
  readonly #turn: Turn;
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  #loop: Promise<void> = Promise.resolve();
  #thoroughAt = 0;
  /** Latest storage time seen; what was stored before the start is read when a bucket is opened. */
  #readThrough: number;
  readonly #sweepQueue: SiteRef[] = [];
  #sweepAt: number;

  constructor(options: WorkerOptions) {
    this.#o = options;
    this.#applier = new Applier(options.store);
    this.#readWhole = wholeReader(options.store);
    this.#turn = new Turn({ isBehind: options.isBehind ?? (() => false) });
    this.#now = options.now ?? Date.now;
    this.#sweepAt = this.#now() + options.sweepMs;
    this.#readThrough = this.#now();
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Something was stored, decided or is being read. */
  wake(): void {
    this.#wake.resolve();
  }

  decided(ref: SiteRef): void {
    this.#holders.get(bucketOf(ref.tenant, ref.site, this.#o.buckets))?.holder.decided(ref);
    this.wake();
  }

  noteRead(bucket: number): void {
    this.#holders.get(bucket)?.holder.noteRead(this.#now() + READ_MS);
  }

  get holders(): readonly BucketHolder[] {
    return [...this.#holders.values()].filter(({ open }) => open).map(({ holder }) => holder);
  }

  /** True when every bucket of this process that has a site has answered once. */
  get ready(): boolean {
    const wanted = new Set(this.#o.sites().map(({ tenant, site }) => bucketOf(tenant, site, this.#o.buckets)));
    return [...wanted].every((bucket) => !this.#o.holds(bucket) || this.#holders.get(bucket)?.open === true);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const wake = this.#wake.promise;
      const made = await this.#round();
      if (made) continue;
      await Promise.race([wake, sleep(POLL_MS, undefined, { signal }).catch(() => undefined)]);
      this.#wake = Promise.withResolvers();
    }
  }

  async #round(): Promise<boolean> {
    await this.#openAll();
    const began = performance.now();
    await this.#read();
    await this.#turn.taken(performance.now() - began);
    // Together, so that their inserts go in together: a few per second and table, however many buckets there are.
    const made = await Promise.all(this.holders.map((holder) => this.#guarded(holder, () => this.#advance(holder))));
    await this.#sweep();
    return made.includes(true);
  }

  async #advance(holder: BucketHolder): Promise<boolean> {
    if (this.#stopping.signal.aborted || !this.#o.holds(holder.bucket)) return false;
    const began = this.#now();
    const before = holder.derivedThrough;
    const made = await holder.step(CLOSE_MS);
    if (made) {
      this.#o.metrics.stepped(holder.bucket, this.#now() - began);
      if (holder.derivedThrough > before) this.#o.metrics.derived(holder.bucket, this.#now() - holder.derivedThrough);
    }
    return made;
  }

  async #openAll(): Promise<void> {
    for (const bucket of this.#holders.keys()) if (!this.#o.holds(bucket)) this.#holders.delete(bucket);
    for (const { tenant, site } of this.#o.sites()) {
      const bucket = bucketOf(tenant, site, this.#o.buckets);
      if (this.#holders.has(bucket) || !this.#o.holds(bucket)) continue;
      const { store, bus, logger, decisions, onApplied, atStep } = this.#o;
      const sites = () => this.#o.sites().filter((s) => bucketOf(s.tenant, s.site, this.#o.buckets) === bucket);
      const own = { bucket, sites, now: this.#now, applier: this.#applier, readWhole: this.#readWhole, turn: this.#turn };
      const holder = new BucketHolder({ ...own, store, bus, logger, decisions, onApplied, ...(atStep && { atStep }) });
      this.#holders.set(bucket, { holder, open: false, retryAt: 0, retryMs: FIRST_RETRY_MS });
    }
    const closed = [...this.#holders.values()].filter(({ open, retryAt }) => !open && retryAt <= this.#now()).values();
    const openSome = async () => {
      for (const entry of closed) {
        if (this.#stopping.signal.aborted) return;
        const began = performance.now();
        await this.#guarded(entry.holder, async () => {
          await entry.holder.open();
          entry.open = true;
          entry.retryMs = FIRST_RETRY_MS;
        });
        await this.#turn.taken(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: OPEN_AT_ONCE }, openSome));
  }

  /**
   * Gives the holders what came since the last reading: one question to the store for all of them. Who opens a bucket afterwards reads all
   * that is stored, and so has what they were given.
   */
  async #read(): Promise<void> {
    const { store, buckets } = this.#o;
    const holderOf = ({ tenant, site }: SiteRef) => {
      const entry = this.#holders.get(bucketOf(tenant, site, buckets));
      return entry?.open === true ? entry.holder : undefined;
    };
    try {
      const times = await this.#storageTimes();
      const unseen = this.#seen.unseen(times);
      const touched = (await readSitesStoredAt(store, unseen)).filter((ref) => holderOf(ref) !== undefined);
      for (const ref of touched) await holderOf(ref)?.hold(ref);
      for await (const { observation, ...ref } of readCompactAt(store, touched, unseen)) holderOf(ref)?.take(ref, observation);
      this.#seen.add(times);
    } catch (error) {
      this.#o.logger.warn({ err: error }, "the store cannot be read; trying again");
    }
  }

  async #storageTimes(): Promise<StorageTime[]> {
    const now = this.#now();
    const isThorough = now - this.#thoroughAt >= THOROUGH_MS;
    const times = await readStorageTimes(this.#o.store, lookFrom(this.#readThrough, now, isThorough ? THOROUGH_BACK_MS : BACK_MS));
    this.#readThrough = times.reduce((latest, { at }) => Math.max(latest, at), this.#readThrough);
    if (isThorough) {
      this.#thoroughAt = now;
      this.#seen.forget(lookFrom(this.#readThrough, now, 2 * THOROUGH_BACK_MS));
    }
    return times;
  }

  /** A fault of the engines or a lost bucket: open it again, with back-off. */
  async #guarded<T>(holder: BucketHolder, act: () => Promise<T>): Promise<T | null> {
    try {
      return await act();
    } catch (error) {
      const entry = this.#holders.get(holder.bucket);
      if (entry !== undefined) {
        entry.open = false;
        entry.retryAt = this.#now() + entry.retryMs;
        entry.retryMs = Math.min(entry.retryMs * 2, LAST_RETRY_MS);
      }
      if (error instanceof FencedError) {
        this.#o.metrics.fenced(holder.bucket);
        this.#o.logger.info({ bucket: holder.bucket }, "another collector has published; the bucket is opened again");
      } else {
        this.#o.metrics.failed(holder.bucket);
        this.#o.logger.warn({ err: error, bucket: holder.bucket }, "the bucket could not go on; it is opened again");
      }
      return null;
    }
  }

  /** One site a round, so that live input never waits for the sweep. */
  async #sweep(): Promise<void> {
    const now = this.#now();
    if (this.#sweepQueue.length === 0 && now >= this.#sweepAt) {
      this.#sweepQueue.push(...this.#o.sites());
      this.#sweepAt = now + this.#o.sweepMs;
    }
    const ref = this.#sweepQueue.shift();
    if (ref === undefined) return;
    const entry = this.#holders.get(bucketOf(ref.tenant, ref.site, this.#o.buckets));
    if (entry?.open !== true) return;
    await this.#guarded(entry.holder, async () => {
      const { devices, corrections } = await entry.holder.sweep(ref);
      this.#o.metrics.swept(devices, corrections);
      if (corrections > 0) this.#o.logger.error({ ...ref, corrections }, "the sweep had to correct what was believed");
      else this.#o.logger.debug({ ...ref, devices }, "the sweep found nothing to correct");
    });
  }
}
