/**
 * A site as it goes on. What comes in order touches only the devices it is of and costs as much as they have looks; whatever else comes
 * ends this state, and `deriveSite` over everything is right. Both give the same present (bucket/site-work.prop.test.ts).
 */
import { gapOccurrences, returnOccurrences } from "./agent-event.ts";
import { bssOf, ownersOf } from "./bss.ts";
import { canonical, compareText } from "./canonical.ts";
import { factsAs } from "./facts.ts";
import { type Grouping, group } from "./group.ts";
import { addressOf, placeInTime, type Seen } from "./history.ts";
import { LiveDevice, type Surroundings } from "./live-device.ts";
import { LiveHistory } from "./live-history.ts";
import { LivePlaces } from "./live-place.ts";
import { occurrenceOf } from "./occurrence.ts";
import { byDeviceOf, SETTLE_MS, tellSilences } from "./site.ts";
import type { BssPresent, Decisions, DeriveContext, Occurrence, SiteInput, SitePresent, StoredObservation } from "./types.ts";

/** A base is confirmed or replaced within a day; one that was not for longer than this need not stay in memory, ms. */
const BASE_KEPT_MS = 26 * 3_600_000;

export interface Going {
  readonly added: readonly StoredObservation[];
  readonly decisions: Decisions;
  readonly known: SiteInput["known"];
}

/** What a step may have made different. */
export interface Advanced {
  /** Ids of devices. */
  readonly changed: ReadonlySet<string>;
  /** Devices of which only the last sign of life is another: when it was, ms. One may stand among the changed ones too. */
  readonly seenAgain: ReadonlyMap<string, number>;
}

export class LiveSite {
  readonly #around: Surroundings;
  readonly #history: LiveHistory;
  readonly #places: LivePlaces;
  readonly #devices: ReadonlyMap<string, LiveDevice>;
  readonly #owners: ReadonlyMap<string, string>;
  readonly #bss: Map<string, BssPresent>;
  readonly #hash: DeriveContext["hash"];
  readonly #clonedAgents: ReturnType<typeof placeInTime>["clonedAgents"];
  readonly #gaps: Occurrence[];
  readonly #regroupAt: number | null;
  #known: SiteInput["known"];
  #at: number;

  /** Computes everything, as `deriveSite` does. */
  constructor(input: SiteInput, at: number, cx: DeriveContext) {
    const { decisions, known, observations, rules, sharedKeys, site } = input;
    const history = placeInTime(observations, at);
    const { seen } = history;
    const grouping = group({ seen, known, overrules: decisions.overrules, at, settleMs: cx.settleMs ?? SETTLE_MS, hash: cx.hash });
    this.#history = new LiveHistory(observations, history, at);
    this.#clonedAgents = history.clonedAgents;
    this.#places = new LivePlaces(grouping);
    this.#owners = ownersOf(grouping.groups);
    this.#bss = new Map(bssOf(seen, this.#owners).map((b) => [`${b.bssid}|${b.ssid}`, b]));
    this.#around = { site, rules, sharedKeys, cloned: grouping.cloned, reports: this.#history.reports, decisions };
    const own = byDeviceOf(seen, grouping, this.#owners);
    this.#devices = new Map(grouping.groups.map((g) => [g.id, new LiveDevice(g, own.get(g.id) ?? [], this.#around, at)]));
    this.#regroupAt = regroupAt(grouping, decisions, at);
    this.#known = known;
    this.#at = at;
    this.#hash = cx.hash;
    this.#gaps = gapOccurrences(seen, cx.hash);
  }

  /** Ids of the devices. */
  get devices(): readonly string[] {
    return [...this.#devices.keys()];
  }

  /**
   * Goes on to `at`. After null this state may not be used any more.
   * @returns null where only a computation over everything is right
   */
  advance({ added, decisions, known }: Going, at: number): Advanced | null {
    if (!this.#history.usable || at < this.#at || (this.#regroupAt !== null && this.#regroupAt <= at)) return null;
    const decided = this.#around.decisions !== decisions && canonical(this.#around.decisions) !== canonical(decisions);
    if (decided && canonical(this.#around.decisions.overrules) !== canonical(decisions.overrules)) return null;
    if (!this.#recognizes(known)) return null;
    const appended = this.#history.append(added, at);
    if (appended === null) return null;
    const touched = new Set<string>();
    const changed = new Set<string>();
    const seenAgain = new Map<string, number>();
    for (const seen of appended.seen) {
      const device = this.#take(seen);
      if (device === undefined) return null;
      if (device !== null) touched.add(device);
      if (device !== null && seen.subject.kind === "bss") changed.add(device);
    }
    if (!this.#places.steady) return null;
    this.#gaps.push(...gapOccurrences(appended.seen, this.#hash));
    const belongs = decisions.memberships.some((m) => m.from > this.#at && m.from <= at);
    this.#around.decisions = decisions;
    for (const [id, device] of this.#devices) {
      const { nextChangeAt, silences } = device.timeline;
      // A report from within what was taken for a silence.
      const anew = silences.some((s) => (appended.reported.get(s.vantage) ?? Number.POSITIVE_INFINITY) <= s.at);
      if (!anew && !decided && !belongs && !touched.has(id) && (nextChangeAt === null || nextChangeAt > at)) continue;
      const how = device.advance(at, anew);
      if (how === null) return null;
      if (how === "changed" || decided || belongs) changed.add(id);
      else seenAgain.set(id, device.timeline.lastSeenAt);
    }
    this.#at = at;
    this.#known = known;
    return { changed, seenAgain };
  }

  /** @returns the device that it is of, null of none; undefined where only a computation over everything is right */
  #take(seen: Seen): string | null | undefined {
    let device: string | null | undefined = null;
    let identity = false;
    if (seen.subject.kind === "bss") {
      const { bssid, ssid } = seen.subject;
      device = this.#owners.get(bssid);
      const key = `${bssid}|${ssid}`;
      const before = this.#bss.get(key);
      if (before !== undefined && before.observedAt >= seen.at) return undefined;
      if (factsAs(seen, "wifi.bss") !== null)
        this.#bss.set(key, { bssid, ssid, device: device ?? null, facts: seen.facts ?? {}, observedAt: seen.at });
    } else if (addressOf(seen.subject) !== null) {
      const taken = this.#places.take(seen);
      if (taken === undefined) return undefined;
      ({ device, identity } = taken);
    }
    if (device == null) return null;
    this.#devices.get(device)?.take(seen, identity);
    return device;
  }

  /** Whether what is known by now names no device otherwise than this state does. */
  #recognizes(known: SiteInput["known"]): boolean {
    if (known === this.#known) return true;
    for (const [founding, { id, recordedAt }] of this.#known) {
      const now = known.get(founding);
      if (now?.id !== id || now.recordedAt !== recordedAt) return false;
    }
    for (const [founding, { id }] of known) {
      if (this.#known.has(founding)) continue;
      const group = this.#devices.get(id)?.group;
      if (group?.founding !== founding || group.aliases.length > 0) return false;
    }
    return true;
  }

  /** False: what was seen so far can only be computed whole, whatever comes. */
  get usable(): boolean {
    return this.#history.usable;
  }

  /**
   * Forgets observations that the present no longer stands on, and what was believed and told of devices before what is now. From then on the
   * present says nothing of that either.
   * @param pastOf whether a device's past may be forgotten
   * @returns ids of the observations that must stay at hand
   */
  release(pastOf: (device: string) => boolean): Set<string> {
    const cited = new Set([...this.#devices].flatMap(([id, d]) => d.release(this.#at, pastOf(id))));
    for (const gap of this.#gaps) for (const { id } of gap.evidence) cited.add(id);
    return cited.union(this.#history.prune(this.#at - BASE_KEPT_MS, cited));
  }

  get nextChangeAt(): number | null {
    const { memberships } = this.#around.decisions;
    const silent = this.#history.reports.nextSilenceAfter(this.#at);
    const due = [
      this.#regroupAt,
      silent,
      ...[...this.#devices.values()].map((d) => d.timeline.nextChangeAt),
      ...memberships.map((m) => m.from),
    ];
    const later = due.filter((t) => t !== null && (t > this.#at || t === this.#regroupAt)) as number[];
    return later.length === 0 ? null : later.reduce((a, b) => Math.min(a, b));
  }

  /** @param only ids of the devices to tell of; what belongs to none is always told */
  present(only?: ReadonlySet<string>): SitePresent {
    const devices = [...this.#devices.values()].filter((d) => only === undefined || only.has(d.group.id));
    const bss = [...this.#bss.values()].sort((a, b) => compareText(a.bssid, b.bssid) || compareText(a.ssid, b.ssid));
    const hash = this.#hash;
    const cloned = this.#clonedAgents.map((c) =>
      occurrenceOf("", { change: "agent-cloned", at: c.at, from: c.agent, parameters: { agent: c.agent, observation: c.id } }, hash),
    );
    const { reports } = this.#history;
    const silences = [...reports.silences(this.#at), ...[...this.#devices.values()].flatMap((d) => d.timeline.silences)];
    const agents = [
      ...tellSilences(silences, hash),
      ...returnOccurrences(silences, (vantage, after) => reports.next(vantage, after), hash),
      ...this.#gaps,
    ];
    const own = devices.flatMap((d) => d.timeline.notes.map((n) => occurrenceOf(d.group.id, n, hash)));
    const radio = new Map<string, string[]>();
    for (const b of bss) if (b.device !== null) radio.set(b.device, [...(radio.get(b.device) ?? []), b.bssid]);
    return {
      devices: devices.map((d) => d.device(this.#at, [...new Set(radio.get(d.group.id) ?? [])])),
      beliefs: devices.flatMap((d) => d.timeline.beliefs),
      occurrences: [...cloned, ...own, ...agents].sort((a, b) => a.at - b.at || compareText(a.key, b.key)),
      bss,
      nextChangeAt: this.nextChangeAt,
    };
  }
}

/** When time alone changes who is who, ms. */
function regroupAt(grouping: Grouping, decisions: Decisions, at: number): number | null {
  const due = decisions.overrules.map((o) => o.from).filter((from) => from > at);
  if (grouping.nextChangeAt !== null) due.push(grouping.nextChangeAt);
  return due.length === 0 ? null : Math.min(...due);
}
