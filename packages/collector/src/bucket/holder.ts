/**
 * The holder of one bucket: reads what is new, derives, publishes the difference with compare-and-set, applies it, and goes on.
 * Memory follows only what is applied, so a holder that dies or is fenced leaves nothing half done.
 */
import type { BaseLogger } from "pino";
import { type Decisions, isEmpty, type Rows, rowCount, type StoredObservation, type StoredPresent, tablesOf } from "../derive/index.ts";
import type { Applier } from "../log/apply.ts";
import type { Changeset, TableRows } from "../log/changeset.ts";
import { type Applied, openBucket, type Position } from "../log/position.ts";
import { FencedError, publishChangeset } from "../log/publish.ts";
import { type Bus, ensureLogStream } from "../log/stream.ts";
import type { AtStep } from "../step.ts";
import {
  observationName,
  openEra,
  parseObservationId,
  type ReadWhole,
  readApplied,
  readCompact,
  readEraMark,
  type Store,
} from "../store/index.ts";
import { viewObservation } from "../store/observation-view.ts";
import { readPresent } from "../store/present.ts";
import { CODE_VERSION, SiteWork, type Step } from "./site-work.ts";
import { Turn } from "./turn.ts";

/** Input is read again from this long before what was derived through, ms: inserts may become visible late. */
const OVERLAP_MS = 10 * 60_000;
/** Confirmations alone only move the end of freshness: they may wait this long, ms. */
const CONFIRMATION_WAIT_MS = 5_000;
/** A site of which nothing came for this long, and that is not due sooner than this, is put out of memory, ms: longer than what is alive is silent. */
const COLD_MS = 3 * 3_600_000;

export interface SiteRef {
  readonly tenant: string;
  readonly site: string;
}

export interface HolderOptions {
  readonly bucket: number;
  readonly store: Store;
  /** Of all holders of this process. */
  readonly applier: Applier;
  /** Of all holders of this process too. */
  readonly readWhole: ReadWhole;
  readonly bus: Bus;
  readonly logger: BaseLogger;
  readonly now: () => number;
  readonly sites: () => readonly SiteRef[];
  readonly decisions: (site: SiteRef) => Decisions;
  /** Shared with who stores; absent: nobody does. */
  readonly turn?: Turn;
  /** After a changeset became visible. */
  readonly onApplied: (changeset: Changeset) => void;
  readonly atStep?: AtStep;
}

interface ColdSite extends SiteRef {
  readonly dueAt: number | null;
  readonly devices: number;
}

export interface SweepResult {
  readonly devices: number;
  /** Rows that a computation from nothing had to correct. */
  readonly corrections: number;
}

export class BucketHolder {
  readonly bucket: number;
  readonly #o: HolderOptions;
  readonly #turn: Turn;
  readonly #sites = new Map<string, SiteWork>();
  /** Of sites that are out of memory only this is kept. */
  readonly #cold = new Map<string, ColdSite>();
  #position: Position | null = null;
  #derivedThrough = 0;
  /** Somebody read until then, ms. */
  #readUntil = 0;

  constructor(options: HolderOptions) {
    this.bucket = options.bucket;
    this.#o = options;
    this.#turn = options.turn ?? new Turn({ isBehind: () => false });
  }

  get closedAt(): number | null {
    return this.#position?.recordedAt ?? null;
  }

  get derivedThrough(): number {
    return this.#derivedThrough;
  }

  get devices(): number {
    return [...this.#sites.values(), ...this.#cold.values()].reduce((n, s) => n + (s.devices ?? 0), 0);
  }

  get observations(): number {
    return [...this.#sites.values()].reduce((n, s) => n + s.observationCount, 0);
  }

  noteRead(untilMs: number): void {
    this.#readUntil = Math.max(this.#readUntil, untilMs);
  }

  /** Everything known again from the store and the log; the first thing a holder does, and what it does after it was fenced. */
  async open(): Promise<void> {
    const { store, applier, bus, bucket, logger, now } = this.#o;
    this.#position = null;
    this.#sites.clear();
    this.#cold.clear();
    await ensureLogStream(bus);
    // First: whatever is written after this look keeps an era from being opened on it.
    const mark = await readEraMark(store, bucket);
    const applied = (await readApplied(store, [bucket])).get(bucket) ?? null;
    const opening = await openBucket(bus, bucket, applied satisfies Applied | null, Math.max(mark.newest, applied?.era ?? 0));
    if (opening.kind === "resume") {
      for (const { changeset, hash } of opening.pending) {
        await applier.apply(changeset, hash);
        this.#o.onApplied(changeset);
      }
      this.#derivedThrough = Math.max(applied?.derivedThrough ?? 0, ...opening.pending.map((p) => p.changeset.derivedThrough));
      this.#position = opening.position;
    } else {
      const { ended, era, reason } = opening;
      logger.info({ bucket, era, reason }, "an era opens");
      const row = { bucket, era, endedEra: ended?.era ?? 0, endedSeq: ended?.seq ?? 0, reason, openedAt: now() };
      if (!(await openEra(store, row, mark))) throw new FencedError(`bucket ${bucket}, era ${era}`);
      this.#derivedThrough = applied?.derivedThrough ?? 0;
      this.#position = { era, seq: 0, recordedAt: ended?.recordedAt ?? 0, expected: opening.expected };
    }
    for (const ref of this.#o.sites()) await this.#load(ref);
    // The first changeset of an era carries the whole present, so that it says "complete" whatever comes after.
    if (this.#position.seq === 0) await this.#commit([...this.#sites.values()], true, this.#o.now());
  }

  /** In the first changeset of an era nothing counts as current. */
  #stored({ tenant, site }: SiteRef): Promise<StoredPresent> {
    return readPresent(this.#o.store, tenant, site, this.#position?.seq !== 0);
  }

  async #load(ref: SiteRef): Promise<SiteWork> {
    const { store } = this.#o;
    const work = new SiteWork(ref.tenant, ref.site, await this.#stored(ref));
    for await (const o of readCompact(store, ref.tenant, ref.site)) work.add(o);
    this.#sites.set(keyOf(ref), work);
    this.#cold.delete(keyOf(ref));
    return work;
  }

  /** Puts sites out of memory that have gone cold. */
  #rest(now: number): void {
    for (const [key, { tenant, site, dueAt, devices, readThrough }] of this.#sites) {
      if (devices === null || readThrough > now - COLD_MS || (dueAt !== null && dueAt < now + COLD_MS)) continue;
      this.#sites.delete(key);
      this.#cold.set(key, { tenant, site, dueAt, devices });
    }
  }

  /** Decisions about a site have changed. */
  decided(ref: SiteRef): void {
    const cold = this.#cold.get(keyOf(ref));
    if (cold !== undefined) this.#cold.set(keyOf(ref), { ...cold, dueAt: 0 });
    this.#sites.get(keyOf(ref))?.due(0);
  }

  /** Has the site in memory, with all that is stored of it where it was not. */
  async hold(ref: SiteRef): Promise<void> {
    if (!this.#sites.has(keyOf(ref))) await this.#load(ref);
  }

  /** Takes what came for a site that is in memory. */
  take(ref: SiteRef, o: StoredObservation): void {
    const known = this.#sites.get(keyOf(ref));
    const kind = known?.add(o);
    if (kind === "change") known?.due(0);
    else if (kind === "confirmation") known?.due(this.#o.now() + CONFIRMATION_WAIT_MS);
  }

  /** Reads what was stored for a site since, with the whole overlap. */
  async read(ref: SiteRef): Promise<void> {
    await this.hold(ref);
    const through = this.#sites.get(keyOf(ref))?.readThrough ?? 0;
    const since = through === 0 ? undefined : through - OVERLAP_MS;
    for await (const o of readCompact(this.#o.store, ref.tenant, ref.site, since)) this.take(ref, o);
  }

  /**
   * Derives what is due. Where nothing is, closes time if somebody reads and it is `closeMs` old.
   * @returns true where a changeset was made
   * @throws FencedError where another holder has published: open again
   */
  async step(closeMs: number): Promise<boolean> {
    const now = this.#o.now();
    for (const cold of [...this.#cold.values()]) if (cold.dueAt !== null && cold.dueAt <= now) await this.#load(cold);
    // Whatever else is due: of many sites one always is.
    this.#rest(now);
    const due = [...this.#sites.values()].filter((s) => s.dueAt !== null && s.dueAt <= now);
    const closing = now < this.#readUntil && now - (this.#position?.recordedAt ?? 0) >= closeMs;
    if (due.length === 0 && !closing) return false;
    if (due.length > 0) return this.#commit(due, closing, now);
    this.#o.atStep?.("before close");
    const closed = await this.#commit([], true, now);
    this.#o.atStep?.("after close");
    return closed;
  }

  async #commit(due: readonly SiteWork[], evenEmpty: boolean, at: number, decisions = this.#o.decisions): Promise<boolean> {
    const { atStep } = this.#o;
    if (due.length > 0) atStep?.("before derive");
    const steps: { work: SiteWork; step: Step }[] = [];
    for (const work of due) {
      const began = performance.now();
      steps.push({ work, step: await this.#derive(work, at, decisions(work)) });
      // A site may take a while: the rest of the process has its turn between two.
      await this.#turn.taken(performance.now() - began);
    }
    if (due.length > 0) atStep?.("after derive");
    const changed = steps.filter(({ step }) => !isEmpty(step.rows));
    const through = Math.max(this.#derivedThrough, this.#through());
    let recordedAt = at;
    if (changed.length > 0 || evenEmpty) recordedAt = await this.#publish(changed, through, at);
    for (const { work, step } of steps) work.applied(step, recordedAt);
    this.#derivedThrough = through;
    return changed.length > 0 || evenEmpty;
  }

  /** Storage time through which all that was read is derived, ms: confirmations wait a while. */
  #through(): number {
    const sites = [...this.#sites.values()];
    const waiting = sites.flatMap(({ waitingSince }) => (waitingSince === null ? [] : [waitingSince - 1]));
    return Math.min(Math.max(0, ...sites.map((s) => s.readThrough)), ...waiting);
  }

  /** Where something came that was not in order, what was put out of memory is read again first. */
  async #derive(work: SiteWork, at: number, decisions: Decisions): Promise<Step> {
    const step = work.derive(decisions, at);
    if (step !== null) return step;
    await work.restore(await this.#stored(work), readCompact(this.#o.store, work.tenant, work.site));
    return work.derive(decisions, at) as Step;
  }

  async #publish(changed: readonly { work: SiteWork; step: Step }[], derivedThrough: number, at: number): Promise<number> {
    const position = this.#position;
    if (position === null) throw new FencedError(`bucket ${this.bucket}`);
    const { applier, bus, atStep } = this.#o;
    const tables: TableRows[] = [];
    for (const { work, step } of changed) tables.push(...tablesOf(await this.#withRawEvidence(work, step.rows)));
    const changeset: Changeset = {
      bucket: this.bucket,
      era: position.era,
      seq: position.seq + 1,
      recordedAt: Math.max(at, position.recordedAt + 1),
      derivedThrough,
      code: CODE_VERSION,
      tables,
    };
    atStep?.("before publish");
    const { streamSeq, hash } = await publishChangeset(bus, changeset, position.expected);
    // Published is decided: from here on it must be applied, here or by whoever opens the bucket next.
    this.#position = null;
    atStep?.("after publish");
    atStep?.("before apply");
    await applier.apply(changeset, hash);
    atStep?.("after apply");
    this.#position = { era: changeset.era, seq: changeset.seq, recordedAt: changeset.recordedAt, expected: streamSeq };
    this.#o.onApplied(changeset);
    return changeset.recordedAt;
  }

  /** What is cited is kept with its raw bytes, which deriving never needs. */
  async #withRawEvidence(ref: SiteRef, rows: Rows): Promise<Rows> {
    const { tenant, site } = ref;
    const keys = rows.evidence.flatMap(({ observation }) => parseObservationId(observation) ?? []).map((key) => ({ ...key, tenant, site }));
    const whole = await this.#o.readWhole(keys);
    const evidence = rows.evidence.map((row) => {
      const key = parseObservationId(row.observation);
      const found = key === null ? undefined : whole.get(observationName({ ...key, tenant, site }));
      return found === undefined ? row : { ...row, body: JSON.stringify(viewObservation(found)) };
    });
    return { ...rows, evidence };
  }

  /**
   * Derives every device of a site anew from what is stored alone; whatever differs from what is believed is written and counted.
   * A bucket that was just opened compares with what its predecessor believed: that is what a rebuild is.
   */
  async sweep(ref: SiteRef): Promise<SweepResult> {
    const cold = this.#cold.has(keyOf(ref));
    await this.read(ref);
    const known = this.#sites.get(keyOf(ref));
    const at = Math.max(this.#o.now(), this.closedAt ?? 0);
    // What is due anyway is no correction, nor what is decided from here on.
    const decisions = this.#o.decisions(ref);
    const isRunning = cold || known?.devices != null;
    if (known !== undefined && isRunning) await this.#commit([known], false, at, () => decisions);
    const fresh = new SiteWork(ref.tenant, ref.site, await readPresent(this.#o.store, ref.tenant, ref.site, true));
    const later: StoredObservation[] = [];
    for await (const o of readCompact(this.#o.store, ref.tenant, ref.site)) {
      // Stored since: the next step reads it. What should have been read long ago was missed, and what follows from it is a correction.
      if (known?.has(o) === false && o.storedAt >= at - OVERLAP_MS) later.push(o);
      else fresh.add(o);
    }
    const found = fresh.deriveAnew(decisions, at);
    const corrections = rowCount(found.rows);
    const step = corrections > 0 && isRunning ? fresh.told(found, at) : found;
    this.#sites.set(keyOf(ref), fresh);
    if (known !== undefined && known.dueAt !== null) fresh.due(known.dueAt);
    const recordedAt = corrections > 0 ? await this.#publish([{ work: fresh, step }], this.#derivedThrough, at) : at;
    fresh.applied(step, recordedAt);
    for (const o of later) if (fresh.add(o) !== null) fresh.due(0);
    return { devices: step.devices, corrections };
  }
}

function keyOf({ tenant, site }: SiteRef): string {
  return `${tenant}/${site}`;
}
