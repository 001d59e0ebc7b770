/** One site in the memory of its bucket's holder: everything seen, what is believed, and when to look again. Pure but for what it is given. */
import { createHash } from "node:crypto";
import { RULES_VERSION } from "@vedette/standard";
import {
  type Decisions,
  deriveSite,
  difference,
  isSeenAnew,
  LiveSite,
  observationId,
  type Rows,
  type SiteInput,
  type SitePresent,
  type StoredObservation,
  type StoredPresent,
  StoredSite,
  withCorrectionTold,
} from "../derive/index.ts";

/** Version of the deriving code: rows of another version may differ and be right. */
export const CODE_VERSION = `${RULES_VERSION}+derive/1`;

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function identity(o: StoredObservation): string {
  return `${o.agent}/${o.epoch}/${o.seq}/${o.contentHash}`;
}

/** Names an observation among those put out of memory, in little of it. */
function mark(o: StoredObservation): string {
  return `${o.agent}/${o.epoch.slice(0, 12)}/${o.seq}/${o.contentHash.slice(0, 16)}`;
}

/** Put out of memory only what was stored this long before the latest, ms. */
const KEPT_MS = 60_000;
/** Known as seen for so much longer: input is read again from 10 minutes back, ms. */
const KNOWN_MS = 11 * 60_000;
/** What was read again may well be needed once more: it is put out of memory after this, ms, or when as much has come as it was. */
const RESTED_MS = 30 * 60_000;
/** Looked through for what may go once this many more observations are in memory than were left the last time, and this many times as many. */
const RELEASE_COUNT = 1_000;
const RELEASE_GROWTH = 2;

export interface Step {
  readonly rows: Rows;
  readonly devices: number;
  readonly nextChangeAt: number | null;
}

export class SiteWork {
  readonly tenant: string;
  readonly site: string;
  readonly #observations = new Map<string, StoredObservation>();
  readonly #byId = new Map<string, StoredObservation>();
  #stored: StoredSite;
  /** Storage times of what was put out of memory and may be read again, by mark. */
  readonly #released = new Map<string, number>();
  #live: LiveSite | null = null;
  /** New since the last step that the live state took. */
  #added: StoredObservation[] = [];
  /** Devices that may differ from what is stored; null: all. */
  #touched: Set<string> | null = null;
  /** What was stored before this may have been put out of memory, ms; null: nothing was. */
  #releasedBefore: number | null = null;
  #releaseAt = RELEASE_COUNT;
  /** Storage time at which what was taken anew has rested, ms. */
  #restedAt = Number.POSITIVE_INFINITY;
  /** Steps made over everything, and steps that went on from the one before. */
  readonly steps = { whole: 0, further: 0 };
  /** How many devices the last step found; null: none was made. */
  devices: number | null = null;
  #dueAt: number | null = 0;
  /** Latest storage time read, ms. */
  readThrough = 0;
  /** Earliest storage time of what was read and is not derived, ms; null: all is. */
  waitingSince: number | null = null;

  constructor(tenant: string, site: string, stored: StoredPresent) {
    this.tenant = tenant;
    this.site = site;
    this.#stored = new StoredSite(stored);
  }

  /** What is stored, for a comparison; of what was put out of memory only what the present gives rise to. */
  get stored(): StoredPresent {
    return this.#stored.present();
  }

  /** The whole present of the last step; null before the first. */
  get present(): SitePresent | null {
    return this.#live?.present() ?? null;
  }

  /** @returns "change" for new facts, "confirmation" for the repetition of known ones, null for what was known whole */
  add(o: StoredObservation): "change" | "confirmation" | null {
    this.readThrough = Math.max(this.readThrough, o.storedAt);
    const key = identity(o);
    const before = this.#observations.get(key)?.storedAt ?? this.#released.get(mark(o));
    // A row stored again counts from its first storage: a later one changes nothing.
    if (before !== undefined && before <= o.storedAt) return null;
    this.#observations.set(key, o);
    const id = observationId(o);
    // Of two contents under one key the same one is kept as evidence, whichever came first (store/observation.ts).
    const twin = this.#byId.get(id);
    if (twin === undefined || o.contentHash <= twin.contentHash) this.#byId.set(id, o);
    this.#added.push(o);
    this.waitingSince = Math.min(this.waitingSince ?? o.storedAt, o.storedAt);
    // Known to have been stored earlier than was thought: what was made of it may be otherwise.
    if (before !== undefined) this.#live = null;
    return o.confirm === null ? "change" : "confirmation";
  }

  /** Whether it was added; of what is old enough to have been put out of memory, yes. */
  has(o: StoredObservation): boolean {
    return this.#observations.has(identity(o)) || (this.#releasedBefore !== null && o.storedAt < this.#releasedBefore);
  }

  /** When it must be derived, ms; null: nothing is known that would change it. */
  get dueAt(): number | null {
    return this.#dueAt;
  }

  /** Also while a step is under way: it is then derived once more. */
  due(at: number): void {
    this.#dueAt = this.#dueAt === null ? at : Math.min(this.#dueAt, at);
  }

  #input(decisions: Decisions): SiteInput {
    const { tenant, site } = this;
    const observations = [...this.#observations.values()];
    return { tenant, site, observations, decisions, known: this.#stored.known, sharedKeys: [], rules: RULES_VERSION };
  }

  /** Goes on from the last step where that is right. @returns false where everything seen is needed and not in memory */
  #advance(decisions: Decisions, at: number): boolean {
    const added = this.#added;
    this.#added = [];
    const advanced = this.#live?.advance({ added, decisions, known: this.#stored.known }, at) ?? null;
    if (advanced !== null) {
      for (const id of advanced.changed) this.#touched?.add(id);
      for (const [id, lastSeenAt] of advanced.seenAgain) if (isSeenAnew(this.#stored.summary(id), lastSeenAt)) this.#touched?.add(id);
      this.steps.further++;
      return true;
    }
    this.#live = null;
    this.#touched = null;
    if (this.#releasedBefore !== null) return false;
    this.steps.whole++;
    this.#live = new LiveSite(this.#input(decisions), at, { hash: sha256 });
    return true;
  }

  /**
   * Derives what may differ as of `at` and compares. What is believed changes only with `applied`.
   * @returns null where observations that were put out of memory are needed: `restore` them and derive again
   */
  derive(decisions: Decisions, at: number): Step | null {
    this.#dueAt = null;
    if (!this.#advance(decisions, at)) return null;
    this.waitingSince = null;
    const live = this.#live as LiveSite;
    const compared = this.#touched === null ? undefined : this.#stored.related(this.#touched);
    const present = live.present(compared);
    return {
      rows: this.#difference(this.#stored.present(compared), present, at),
      devices: live.devices.length,
      nextChangeAt: present.nextChangeAt,
    };
  }

  /** Derives the whole site from nothing, as a check of how it was derived step by step. Nothing may have been put out of memory. */
  deriveAnew(decisions: Decisions, at: number): Step {
    this.#dueAt = null;
    const present = deriveSite(this.#input(decisions), at, { hash: sha256 });
    return { rows: this.#difference(this.stored, present, at), devices: present.devices.length, nextChangeAt: present.nextChangeAt };
  }

  /** A step that corrects, with the event that says so. */
  told(step: Step, at: number): Step {
    const { tenant, site } = this;
    return { ...step, rows: withCorrectionTold(step.rows, this.stored, at, { tenant, site, hash: sha256 }) };
  }

  #difference(stored: StoredPresent, present: SitePresent, at: number): Rows {
    const { tenant, site } = this;
    return difference(stored, present, { tenant, site, at, hash: sha256, observation: (id) => this.#byId.get(id) });
  }

  /** The step is in the store (or was empty): go on from there. */
  applied(step: Step, recordedAt: number): void {
    this.#stored.apply(step.rows, recordedAt);
    this.devices = step.devices;
    if (step.nextChangeAt !== null) this.due(step.nextChangeAt);
    if (this.#live === null) return;
    this.#touched = new Set();
    if (this.#observations.size >= this.#releaseAt || this.readThrough >= this.#restedAt) this.release();
  }

  /** Puts out of memory what the present no longer stands on and was stored longer than this before the latest, ms. */
  release(keptMs = KEPT_MS): void {
    if (this.#live?.usable !== true) return;
    const kept = this.#live.release((device) => this.#stored.isAlone(device));
    this.#stored.forget(this.#live.present());
    const before = this.readThrough - keptMs;
    for (const [key, o] of this.#observations) {
      const id = observationId(o);
      if (o.storedAt >= before || kept.has(id)) continue;
      this.#observations.delete(key);
      this.#byId.delete(id);
      this.#released.set(mark(o), o.storedAt);
    }
    for (const [name, storedAt] of this.#released) if (storedAt < this.readThrough - KNOWN_MS) this.#released.delete(name);
    this.#releasedBefore = before;
    this.#waitForMore();
    this.#restedAt = Number.POSITIVE_INFINITY;
  }

  #waitForMore(): void {
    this.#releaseAt = this.#observations.size * RELEASE_GROWTH + RELEASE_COUNT;
  }

  /** Takes everything stored of the site anew: what is believed, and what was seen. */
  async restore(stored: StoredPresent, all: AsyncIterable<StoredObservation>): Promise<void> {
    this.#stored = new StoredSite(stored);
    this.#observations.clear();
    this.#byId.clear();
    this.#released.clear();
    this.#live = null;
    this.#releasedBefore = null;
    for await (const o of all) this.add(o);
    this.#added = [];
    this.#restedAt = this.readThrough + RESTED_MS;
    this.#waitForMore();
  }

  get observationCount(): number {
    return this.#observations.size;
  }
}
