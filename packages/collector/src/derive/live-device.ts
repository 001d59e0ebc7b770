/** One device as it goes on: its timeline up to now, and what else of its observations is still needed. */
import { describe } from "./attribute.ts";
import { compareText, isSame } from "./canonical.ts";
import { deviceOf } from "./device.ts";
import { isSignOfLife } from "./facts.ts";
import type { Group, Grouping } from "./group.ts";
import type { Seen } from "./history.ts";
import { bare } from "./live-place.ts";
import type { LiveReports } from "./live-report.ts";
import { membershipOf } from "./membership.ts";
import { attestationsFor, profilesFor } from "./profile.ts";
import { firmwaresOf, latestOf } from "./site.ts";
import { slotOf } from "./span.ts";
import { Fold } from "./timeline.ts";
import type { FoldInput, Timeline } from "./timeline-types.ts";
import type { Decisions, Device, SiteInput, StoredObservation } from "./types.ts";

/** What all devices of a site share. */
export interface Surroundings {
  readonly site: string;
  readonly rules: string;
  readonly sharedKeys: SiteInput["sharedKeys"];
  readonly cloned: Grouping["cloned"];
  readonly reports: LiveReports;
  decisions: Decisions;
}

interface Folded {
  readonly fold: Fold;
  readonly timeline: Timeline;
}

export class LiveDevice {
  readonly group: Group;
  readonly #around: Surroundings;
  /** Everything seen of it, and which of it shows who it is; null: no longer in memory. */
  #whole: { seen: Seen[]; readonly identities: Set<Seen> } | null;
  #pending: Seen[] = [];
  #latest = new Map<string, Seen>();
  #firmwares: { version: string; firstSeenAt: number; id: string }[] = [];
  #described = new WeakSet<StoredObservation>();
  /** First sign of life by each probe. */
  readonly #sources = new Map<string, Seen>();
  #description = describe([]);
  #decided: Pick<FoldInput, "class" | "profiles" | "attestations">;
  #folded: Folded;

  /** @param seen all of it, in time */
  constructor(group: Group, seen: readonly Seen[], around: Surroundings, at: number) {
    const identities = new Set(group.sightings.flatMap((s) => [...s.identitySeen]));
    this.group = { ...group, sightings: group.sightings.map(bare) };
    this.#around = around;
    this.#whole = { seen: [...seen], identities };
    this.#decided = { class: "other", profiles: [], attestations: [] };
    this.#folded = this.#foldAll(this.#whole.seen, identities, at);
  }

  get timeline(): Timeline {
    return this.#folded.timeline;
  }

  take(seen: Seen, identity: boolean): void {
    this.#pending.push(seen);
    if (identity) this.#whole?.identities.add(seen);
    if (identity) this.#folded.fold.identify(seen);
  }

  /**
   * Forgets what was seen, but for what the timeline stands on.
   * @param past also what was believed and told before what is now, as of the time gone on to last
   * @returns ids of observations that are still cited
   */
  release(at: number, past: boolean): string[] {
    this.#whole = null;
    if (past) this.#folded = { fold: this.#folded.fold, timeline: this.#folded.fold.forget(at) };
    return [...this.#folded.fold.cited(), ...[...this.#latest.values()].flatMap((s) => [s.id, s.baseId])];
  }

  /**
   * Goes on to `at` with what was taken.
   * @param anew the timeline so far no longer holds
   * @returns null where everything seen is needed and not in memory; "seen" where the last sign of life is all that differs
   */
  advance(at: number, anew: boolean): "changed" | "seen" | null {
    const pending = this.#pending;
    this.#pending = [];
    this.#whole?.seen.push(...pending);
    const inOrder = pending.every((s) => s.at > this.#folded.fold.through);
    if (!anew && inOrder) {
      const before = this.#told();
      for (const s of pending) this.#note(s);
      if (!this.#decide()) {
        const timeline = this.#folded.fold.advance(pending, at);
        if (timeline !== null) {
          this.#folded = { fold: this.#folded.fold, timeline };
          return isSame(before, this.#told()) ? "seen" : "changed";
        }
      }
    }
    if (this.#whole === null) return null;
    const { seen, identities } = this.#whole;
    // Observations of one agent keep its order.
    seen.sort((a, b) => a.at - b.at || compareText(a.base.agent, b.base.agent));
    this.#folded = this.#foldAll(seen, identities, at);
    return "changed";
  }

  /** Equal where everything told of it is the same but for its last sign of life. */
  #told(): unknown {
    const { fold, timeline } = this.#folded;
    const { notes, coverage } = timeline;
    return [fold.revision, notes.length, coverage.completeSweepAt, this.#sources.size, this.#firmwares.length, this.#description];
  }

  #note(s: Seen): void {
    const slot = s.outcome === "identified" ? slotOf(s) : null;
    if (slot !== null) this.#latest.set(slot, s);
    if (!this.#sources.has(s.probe) && (isSignOfLife(s) || s.subject.kind === "bss")) this.#sources.set(s.probe, s);
    if (s.outcome !== "identified" || this.#described.has(s.base)) return;
    this.#described.add(s.base);
    const version = describe([s]).firmware?.value;
    if (version !== undefined && this.#firmwares.at(-1)?.version !== version)
      this.#firmwares.push({ version, firstSeenAt: s.at, id: s.baseId });
  }

  get #ids(): string[] {
    return [this.group.id, ...this.group.aliases];
  }

  /** @returns whether what the whole timeline rests on is otherwise than before */
  #decide(): boolean {
    const { site, decisions } = this.#around;
    this.#description = describe([...this.#latest.values()]);
    const { vendor, model } = this.#description;
    const matched = { ids: this.#ids, site, vendor: vendor?.value ?? null, model: model?.value ?? null };
    const decided = {
      class: this.#description.class,
      profiles: profilesFor(matched, decisions.profiles),
      attestations: attestationsFor(matched, decisions.attestations),
    };
    if (isSame(decided, this.#decided)) return false;
    this.#decided = decided;
    return true;
  }

  #foldAll(seen: readonly Seen[], identities: ReadonlySet<Seen>, at: number): Folded {
    this.#latest = new Map();
    for (const s of latestOf(seen)) this.#latest.set(slotOf(s) as string, s);
    this.#firmwares = firmwaresOf(seen);
    this.#described = new WeakSet(seen.filter((s) => s.outcome === "identified").map((s) => s.base));
    this.#sources.clear();
    for (const s of seen) if (!this.#sources.has(s.probe) && (isSignOfLife(s) || s.subject.kind === "bss")) this.#sources.set(s.probe, s);
    this.#decide();
    const { reports, rules, sharedKeys } = this.#around;
    const fold = new Fold({
      group: this.group,
      ...this.#decided,
      firmwares: this.#firmwares,
      sharedKeys: sharedKeys.filter((k) => k.devices.some((d) => this.#ids.includes(d))),
      rules,
      lastReport: (vantage, when) => reports.last(vantage, when),
      pace: (vantage) => reports.pace(vantage),
    });
    for (const s of identities) fold.identify(s);
    // A fold from the beginning has nothing to contradict.
    return { fold, timeline: fold.advance(seen, at) as Timeline };
  }

  device(at: number, bss: readonly string[]): Device {
    const { decisions, cloned } = this.#around;
    return deviceOf({
      group: this.group,
      grouping: { cloned },
      seen: [...this.#sources.values()],
      description: this.#description,
      timeline: this.timeline,
      belonging: membershipOf(this.#description.class, this.#ids, decisions.memberships, at),
      names: decisions.names,
      bss,
    });
  }
}
