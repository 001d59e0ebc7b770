/**
 * Observations put in the time of the site. A pure function of the set of observations: neither the order in which they arrived nor
 * how often matters.
 */
import type { ALIVE } from "@vedette/proto";
import { compareText } from "./canonical.ts";
import { foreignLook } from "./two-writers.ts";
import type { StoredObservation } from "./types.ts";

const ALIVE_PROBE: typeof ALIVE = "agent.alive";

/** One observation in its place in time; a confirmation stands with the facts that it confirms. */
export interface Seen {
  /** "agent/epoch/seq" */
  readonly id: string;
  readonly at: number;
  /** When the look itself began; it may have been told after looks that began later. */
  readonly beganAt: number;
  readonly vantage: string;
  readonly probe: string;
  readonly subject: StoredObservation["subject"];
  /** The link address told, or the one that the same vantage last (else first) saw at this address. */
  readonly link: string | null;
  readonly outcome: StoredObservation["outcome"];
  readonly fault: StoredObservation["fault"];
  readonly facts: Readonly<Record<string, unknown>> | null;
  /** Equal for observations that say the same. */
  readonly content: string;
  /** The observation that carries the facts: itself, or the one it confirms. */
  readonly base: StoredObservation;
  readonly baseId: string;
  readonly intervalMs: number;
}

export interface ClonedAgent {
  readonly agent: string;
  /** Key that two different observations bear, or of a look in an epoch that had ended. */
  readonly id: string;
  readonly at: number;
}

/** From then on the agent promised to say that it runs at this interval ("agent.alive"). */
export interface Promised {
  readonly at: number;
  readonly intervalMs: number;
}

export interface SiteHistory {
  readonly seen: readonly Seen[];
  readonly clonedAgents: readonly ClonedAgent[];
  /** Per agent, ascending: when it reported anything. */
  readonly reports: ReadonlyMap<string, readonly number[]>;
  /** Per vantage: the shortest reporting interval that any of its looks stated, ms. */
  readonly paces: ReadonlyMap<string, number>;
  /** Per vantage, ascending: what it promised, where that was another interval than before. */
  readonly promises: ReadonlyMap<string, readonly Promised[]>;
}

export function observationId(o: { readonly agent: string; readonly epoch: string; readonly seq: number }): string {
  return `${o.agent}/${o.epoch}/${o.seq}`;
}

/** One agent's view; all imported audits of a site are one vantage. */
export function vantageOf(agent: string): string {
  return agent.startsWith("audit-") ? "audit" : agent;
}

export function addressOf(subject: StoredObservation["subject"]): string | null {
  return subject.kind === "endpoint" || subject.kind === "host" ? subject.address : null;
}

export function byAgentOrder(a: StoredObservation, b: StoredObservation): number {
  return a.epochCreatedAt - b.epochCreatedAt || compareText(a.epoch, b.epoch) || a.seq - b.seq || compareText(a.contentHash, b.contentHash);
}

/** The same observation stored twice counts once, with its earliest storage time. */
function collapse(observations: readonly StoredObservation[]): Map<string, StoredObservation[]> {
  const byIdentity = new Map<string, StoredObservation>();
  for (const o of observations) {
    const key = `${observationId(o)}/${o.contentHash}`;
    const before = byIdentity.get(key);
    if (before === undefined || o.storedAt < before.storedAt) byIdentity.set(key, o);
  }
  const byAgent = new Map<string, StoredObservation[]>();
  for (const o of byIdentity.values()) {
    const list = byAgent.get(o.agent);
    if (list === undefined) byAgent.set(o.agent, [o]);
    else list.push(o);
  }
  return byAgent;
}

/**
 * Corrected times of one agent's observations in its own order: non-decreasing, and none later than the earliest storage time of itself
 * or of any that follows it (what came later cannot have happened earlier).
 */
export function observedTimes(ordered: readonly { readonly wallAt: number; readonly storedAt: number }[]): number[] {
  const cap = new Array<number>(ordered.length);
  let earliest = Number.POSITIVE_INFINITY;
  for (let i = ordered.length - 1; i >= 0; i--) {
    earliest = Math.min(earliest, (ordered[i] as { storedAt: number }).storedAt);
    cap[i] = earliest;
  }
  let latest = Number.NEGATIVE_INFINITY;
  return ordered.map((o, i) => {
    const limit = cap[i] as number;
    latest = Math.max(latest, Math.min(o.wallAt, limit));
    // Whole milliseconds: what the store's columns can tell apart.
    return Math.floor(Math.min(limit, latest));
  });
}

function contentOf(o: StoredObservation): string {
  return `${o.outcome}|${o.probeVersion}|${o.factsHash ?? ""}|${o.fault?.phase ?? ""}|${o.fault?.code ?? ""}`;
}

/** Its link address may yet be filled in. */
export type Draft = { -readonly [K in keyof Seen]: Seen[K] };

/** @param base the observation itself, or the one that it confirms */
export function seenOf(o: StoredObservation, base: StoredObservation, at: number): Draft {
  return {
    id: observationId(o),
    at,
    beganAt: Math.floor(Math.min(o.wallAt, at)),
    vantage: vantageOf(o.agent),
    probe: o.probe,
    subject: o.subject,
    link: o.linkAddress,
    outcome: base.outcome,
    fault: base.fault,
    facts: base.facts,
    content: contentOf(base),
    base,
    baseId: observationId(base),
    intervalMs: o.intervalMs,
  };
}

function placeAgent(agent: string, list: StoredObservation[], cloned: ClonedAgent[], out: Draft[]): number[] {
  list.sort(byAgentOrder);
  const times = observedTimes(list);
  const foreign = foreignLook(list);
  if (foreign !== undefined) cloned.push({ agent, id: observationId(list[foreign] as StoredObservation), at: times[foreign] as number });
  const bases = new Map<string, StoredObservation[]>();
  for (const o of list) {
    if (o.confirm !== null) continue;
    const key = `${o.epoch}/${o.seq}`;
    bases.set(key, [...(bases.get(key) ?? []), o]);
  }
  for (let i = 0; i < list.length; i++) {
    const o = list[i] as StoredObservation;
    const at = times[i] as number;
    const previous = list[i - 1];
    if (previous !== undefined && previous.epoch === o.epoch && previous.seq === o.seq) {
      const id = observationId(o);
      if (cloned.at(-1)?.id !== id) cloned.push({ agent, id, at });
    }
    const { confirm } = o;
    const base =
      confirm === null
        ? o
        : bases.get(`${confirm.epoch}/${confirm.seq}`)?.find((b) => (b.factsHash ?? "") === confirm.hash && b.probe === o.probe);
    // A confirmation of something we do not have tells nothing: neither facts nor that they still hold.
    if (base === undefined) continue;
    out.push(seenOf(o, base, at));
  }
  return times;
}

/** Interval at which the agent says that it runs; undefined where the observation says no such thing, ms. */
export function promiseOf(o: Pick<StoredObservation, "probe" | "intervalMs">): number | undefined {
  return o.probe === ALIVE_PROBE && o.intervalMs > 0 ? o.intervalMs : undefined;
}

function promisesOf(list: readonly StoredObservation[], times: readonly number[]): Promised[] {
  const promises: Promised[] = [];
  for (const [i, o] of list.entries()) {
    const intervalMs = promiseOf(o);
    if (intervalMs !== undefined && promises.at(-1)?.intervalMs !== intervalMs) promises.push({ at: times[i] as number, intervalMs });
  }
  return promises;
}

/** Fills link addresses that an agent did not know at that moment from what it knew of the same address before, else after. */
function fillLinks(seen: readonly Draft[]): void {
  const fill = (list: readonly Draft[]): void => {
    const known = new Map<string, string>();
    for (const s of list) {
      const address = addressOf(s.subject);
      if (address === null) continue;
      const key = `${s.vantage}|${address}`;
      if (s.link !== null) known.set(key, s.link);
      else s.link = known.get(key) ?? null;
    }
  };
  fill(seen);
  fill(seen.toReversed());
}

export function placeInTime(observations: readonly StoredObservation[], until: number): SiteHistory {
  const seen: Draft[] = [];
  const clonedAgents: ClonedAgent[] = [];
  const reports = new Map<string, number[]>();
  const paces = new Map<string, number>();
  const promises = new Map<string, Promised[]>();
  for (const [agent, list] of [...collapse(observations)].sort(([a], [b]) => compareText(a, b))) {
    const times = placeAgent(agent, list, clonedAgents, seen);
    const vantage = vantageOf(agent);
    for (const o of list) if (o.intervalMs > 0) paces.set(vantage, Math.min(paces.get(vantage) ?? o.intervalMs, o.intervalMs));
    const promised = promisesOf(list, times);
    if (promised.length > 0) promises.set(vantage, promised);
    const before = reports.get(vantage);
    reports.set(vantage, before === undefined ? times : [...before, ...times].sort((a, b) => a - b));
  }
  // Stable: observations of one agent at one time keep that agent's order.
  seen.sort((a, b) => a.at - b.at);
  const within = seen.filter((s) => s.at <= until);
  fillLinks(within);
  return { seen: within, clonedAgents: clonedAgents.filter((c) => c.at <= until), reports, paces, promises };
}
