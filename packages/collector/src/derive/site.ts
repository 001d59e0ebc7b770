/** The present of a site, whole: from what was seen, what people decided, and the time. Pure. */
import { gapOccurrences, returnOccurrences } from "./agent-event.ts";
import { describe } from "./attribute.ts";
import { bssOf, ownersOf } from "./bss.ts";
import { compareText } from "./canonical.ts";
import { deviceOf } from "./device.ts";
import { type Grouping, group } from "./group.ts";
import { placeInTime, type Seen } from "./history.ts";
import { LiveReports } from "./live-report.ts";
import { membershipOf } from "./membership.ts";
import { occurrenceOf } from "./occurrence.ts";
import { attestationsFor, profilesFor } from "./profile.ts";
import { slotOf } from "./span.ts";
import { timelineOf } from "./timeline.ts";
import type { Silence, Timeline } from "./timeline-types.ts";
import type { Belief, DeriveContext, Device, Occurrence, SiteInput, SitePresent } from "./types.ts";

export const SETTLE_MS = 3000;

/** Newest identified look of each probe at each endpoint, whatever the address was then. */
export function latestOf(seen: readonly Seen[]): Seen[] {
  const latest = new Map<string, Seen>();
  for (const s of seen) {
    const slot = s.outcome === "identified" ? slotOf(s) : null;
    if (slot !== null) latest.set(slot, s);
  }
  return [...latest.values()];
}

export function firmwaresOf(seen: readonly Seen[]): { version: string; firstSeenAt: number; id: string }[] {
  const out: { version: string; firstSeenAt: number; id: string }[] = [];
  const told = new Set<string>();
  for (const s of seen) {
    if (s.outcome !== "identified" || told.has(s.baseId)) continue;
    told.add(s.baseId);
    const version = describe([s]).firmware?.value;
    if (version !== undefined && out.at(-1)?.version !== version) out.push({ version, firstSeenAt: s.at, id: s.baseId });
  }
  return out;
}

/** Last report of a vantage at or before a time, from its ascending times of report. */
function lastReportIn(reports: ReadonlyMap<string, readonly number[]>) {
  return (vantage: string, at: number): number => {
    const times = reports.get(vantage) ?? [];
    let low = 0;
    let high = times.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((times[mid] as number) <= at) low = mid + 1;
      else high = mid;
    }
    return times[low - 1] ?? Number.NEGATIVE_INFINITY;
  };
}

/** First report of a vantage after a time. */
function reportAfterIn(reports: ReadonlyMap<string, readonly number[]>) {
  return (vantage: string, at: number): number | null => reports.get(vantage)?.find((t) => t > at) ?? null;
}

/** One silence of an agent is told once, however many devices it leaves without news. */
export function tellSilences(silences: readonly Silence[], hash: DeriveContext["hash"]): Occurrence[] {
  const first = new Map<string, Silence>();
  for (const s of silences) {
    const key = `${s.vantage}|${s.since}`;
    const before = first.get(key);
    if (before === undefined || s.at < before.at) first.set(key, s);
  }
  return [...first.values()].map((s) =>
    occurrenceOf(
      "",
      { change: "agent-silent", at: s.at, from: s.vantage, parameters: { agent: s.vantage, since: new Date(s.since).toISOString() } },
      hash,
    ),
  );
}

/** What was seen of each device, its BSSs included, in time. */
export function byDeviceOf(seen: readonly Seen[], grouping: Grouping, owners: ReadonlyMap<string, string>): Map<string, Seen[]> {
  const byDevice = new Map<string, Seen[]>(grouping.groups.map((g) => [g.id, []]));
  const deviceOfSeen = new Map<Seen, string>();
  for (const g of grouping.groups) for (const s of g.sightings) for (const x of s.seen) deviceOfSeen.set(x, g.id);
  for (const s of seen) {
    const id = s.subject.kind === "bss" ? owners.get(s.subject.bssid) : deviceOfSeen.get(s);
    if (id !== undefined) byDevice.get(id)?.push(s);
  }
  return byDevice;
}

/**
 * @param input everything known of one site; order and repetition of `observations` do not matter
 * @param at the time now: nothing after it is told
 */
export function deriveSite(input: SiteInput, at: number, cx: DeriveContext): SitePresent {
  const { decisions } = input;
  const history = placeInTime(input.observations, at);
  const { seen } = history;
  const grouping = group({
    seen,
    known: input.known,
    overrules: decisions.overrules,
    at,
    settleMs: cx.settleMs ?? SETTLE_MS,
    hash: cx.hash,
  });
  const owners = ownersOf(grouping.groups);
  const bss = bssOf(seen, owners);

  const byDevice = byDeviceOf(seen, grouping, owners);

  const lastReport = lastReportIn(history.reports);
  const devices: Device[] = [];
  const beliefs: Belief[] = [];
  const occurrences: Occurrence[] = history.clonedAgents.map((c) =>
    occurrenceOf("", { change: "agent-cloned", at: c.at, from: c.agent, parameters: { agent: c.agent, observation: c.id } }, cx.hash),
  );
  const reports = new LiveReports(history, at);
  const silences: Silence[] = reports.silences(at);
  const due: number[] = [grouping.nextChangeAt, reports.nextSilenceAfter(at)].filter((t) => t !== null);
  for (const g of grouping.groups) {
    const own = byDevice.get(g.id) ?? [];
    const ids = [g.id, ...g.aliases];
    const description = describe(latestOf(own));
    const matched = { ids, site: input.site, vendor: description.vendor?.value ?? null, model: description.model?.value ?? null };
    const timeline: Timeline = timelineOf({
      group: g,
      seen: own,
      class: description.class,
      profiles: profilesFor(matched, decisions.profiles),
      attestations: attestationsFor(matched, decisions.attestations),
      firmwares: firmwaresOf(own),
      sharedKeys: input.sharedKeys.filter((k) => k.devices.some((d) => ids.includes(d))),
      rules: input.rules,
      at,
      lastReport,
      pace: (vantage) => history.paces.get(vantage) ?? Number.POSITIVE_INFINITY,
    });
    const belonging = membershipOf(description.class, ids, decisions.memberships, at);
    const ownBss = bss.filter((b) => b.device === g.id).map((b) => b.bssid);
    devices.push(
      deviceOf({ group: g, grouping, seen: own, description, timeline, belonging, names: decisions.names, bss: [...new Set(ownBss)] }),
    );
    beliefs.push(...timeline.beliefs);
    occurrences.push(...timeline.notes.map((n) => occurrenceOf(g.id, n, cx.hash)));
    silences.push(...timeline.silences);
    if (timeline.nextChangeAt !== null) due.push(timeline.nextChangeAt);
  }
  occurrences.push(...tellSilences(silences, cx.hash));
  occurrences.push(...returnOccurrences(silences, reportAfterIn(history.reports), cx.hash), ...gapOccurrences(seen, cx.hash));
  for (const m of decisions.memberships) if (m.from > at) due.push(m.from);
  for (const o of decisions.overrules) if (o.from > at) due.push(o.from);
  return {
    devices,
    beliefs,
    occurrences: occurrences.sort((a, b) => a.at - b.at || compareText(a.key, b.key)),
    bss,
    nextChangeAt: due.length === 0 ? null : Math.min(...due),
  };
}
