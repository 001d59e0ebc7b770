/** The history of a site as it goes on: what comes in order takes its place in time without a look at what came before. */
import { compareText } from "./canonical.ts";
import {
  addressOf,
  byAgentOrder,
  type Draft,
  observationId,
  promiseOf,
  type Seen,
  type SiteHistory,
  seenOf,
  vantageOf,
} from "./history.ts";
import { LiveReports } from "./live-report.ts";
import type { StoredObservation } from "./types.ts";

interface AgentState {
  last: StoredObservation;
  /** Latest corrected time, ms, and latest storage time, ms. */
  latest: number;
  stored: number;
}

export interface Appended {
  readonly seen: readonly Seen[];
  /** Earliest report in it of each vantage, ms. */
  readonly reported: ReadonlyMap<string, number>;
}

function baseKey(agent: string, at: { readonly epoch: string; readonly seq: number }): string {
  return `${agent}/${at.epoch}/${at.seq}`;
}

interface Base {
  readonly list: StoredObservation[];
  usedAt: number;
  /** The same look has told other facts since. */
  isReplaced: boolean;
}

/** What facts are of: later ones of the same look with the same outcome take their place. */
function lookOf({ agent, probe, subject, outcome, facts }: StoredObservation): string {
  return JSON.stringify([agent, probe, subject, outcome, facts?.["list"] ?? ""]);
}

export class LiveHistory {
  readonly reports: LiveReports;
  readonly #agents = new Map<string, AgentState>();
  readonly #bases = new Map<string, Base>();
  /** Key of the last base of each look. */
  readonly #lastBase = new Map<string, string>();
  /** Keys that confirmations named in vain. */
  readonly #missing = new Set<string>();
  /** Link address last known of "vantage|address". */
  readonly #links = new Map<string, string>();
  /** False: only a computation over everything may go on. */
  readonly usable: boolean;
  /** Bases were put out of memory: a base that is not found may have been there. */
  #pruned = false;

  /** @param at the time up to which `history` was made of all of `observations` */
  constructor(observations: readonly StoredObservation[], history: SiteHistory, at: number) {
    this.reports = new LiveReports(history);
    let latest = Number.NEGATIVE_INFINITY;
    for (const [agent, list] of Map.groupBy(observations, (o) => o.agent)) {
      list.sort(byAgentOrder);
      const stored = list.reduce((max, o) => Math.max(max, o.storedAt), 0);
      let cap = Number.POSITIVE_INFINITY;
      let time = Number.NEGATIVE_INFINITY;
      for (const o of list.toReversed()) {
        cap = Math.min(cap, o.storedAt);
        time = Math.max(time, Math.min(o.wallAt, cap));
        if (o.confirm === null) this.#addBase(o, time);
      }
      latest = Math.max(latest, time);
      this.#agents.set(agent, { last: list.at(-1) as StoredObservation, latest: time, stored });
    }
    for (const { agent, confirm } of observations)
      if (confirm !== null && !this.#bases.has(baseKey(agent, confirm))) this.#missing.add(baseKey(agent, confirm));
    for (const s of history.seen) {
      const address = addressOf(s.subject);
      if (address !== null && s.link !== null) this.#links.set(`${s.vantage}|${address}`, s.link);
      this.#use(s);
    }
    this.usable = latest <= at && history.clonedAgents.length === 0;
  }

  #addBase(o: StoredObservation, usedAt: number): void {
    const key = observationId(o);
    const entry = this.#bases.get(key);
    if (entry === undefined) this.#bases.set(key, { list: [o], usedAt, isReplaced: false });
    else entry.list.push(o);
    const look = lookOf(o);
    const before = this.#lastBase.get(look);
    const replaced = before === undefined || before === key ? undefined : this.#bases.get(before);
    if (replaced !== undefined) replaced.isReplaced = true;
    this.#lastBase.set(look, key);
  }

  #use(s: Seen): void {
    const entry = this.#bases.get(s.baseId);
    if (entry !== undefined) entry.usedAt = Math.max(entry.usedAt, s.at);
  }

  /**
   * Forgets bases that were replaced, or last confirmed before `usedAt`, and that `kept` does not name: an agent in order confirms only the
   * last facts of a look. @returns ids of those that stay
   */
  prune(usedAt: number, kept: ReadonlySet<string>): Set<string> {
    for (const [key, entry] of this.#bases) {
      if ((entry.usedAt >= usedAt && !entry.isReplaced) || kept.has(key)) continue;
      this.#bases.delete(key);
      this.#pruned = true;
    }
    for (const [look, key] of this.#lastBase) if (!this.#bases.has(key)) this.#lastBase.delete(look);
    return new Set(this.#bases.keys());
  }

  /**
   * Puts new observations in their place. After null nothing here may be used any more.
   * @returns null where one of them is not in order: it may change the time, the link address or the base of earlier ones
   */
  append(added: readonly StoredObservation[], at: number): Appended | null {
    const seen: Draft[] = [];
    const reported = new Map<string, number>();
    for (const [agent, list] of [...Map.groupBy(added, (o) => o.agent)].sort(([a], [b]) => compareText(a, b))) {
      const state = this.#agents.get(agent);
      // Imported audits share a vantage, so one agent's order is not the vantage's.
      if (state === undefined || agent.startsWith("audit-")) return null;
      list.sort(byAgentOrder);
      const own = this.#appendAgent(state, list, at);
      if (own === null) return null;
      seen.push(...own.seen);
      reported.set(vantageOf(agent), own.firstAt);
    }
    seen.sort((a, b) => a.at - b.at);
    for (const s of seen) {
      const address = addressOf(s.subject);
      if (address === null) continue;
      const key = `${s.vantage}|${address}`;
      if (s.link === null) s.link = this.#links.get(key) ?? null;
      else if (this.#links.has(key)) this.#links.set(key, s.link);
      // The first link address known is that of the earlier ones too.
      else return null;
    }
    return { seen, reported };
  }

  #appendAgent(state: AgentState, list: StoredObservation[], at: number): { seen: Draft[]; firstAt: number } | null {
    const vantage = vantageOf(state.last.agent);
    const times: number[] = [];
    let cap = Number.POSITIVE_INFINITY;
    const caps = list.toReversed().map((o) => (cap = Math.min(cap, o.storedAt)));
    if (cap < state.stored) return null;
    for (const [i, o] of list.entries()) {
      const again = o.epoch === state.last.epoch && o.seq === state.last.seq;
      if (again || byAgentOrder(state.last, o) >= 0) return null;
      if (o.intervalMs > 0 && o.intervalMs < this.reports.pace(vantage)) return null;
      const limit = caps[list.length - 1 - i] as number;
      state.latest = Math.max(state.latest, Math.min(o.wallAt, limit));
      state.last = o;
      state.stored = Math.max(state.stored, o.storedAt);
      const time = Math.floor(Math.min(limit, state.latest));
      if (time > at) return null;
      times.push(time);
      this.reports.add(vantage, time, promiseOf(o));
      if (o.confirm !== null) continue;
      if (this.#missing.has(observationId(o))) return null;
      this.#addBase(o, time);
    }
    const seen: Draft[] = [];
    for (const [i, o] of list.entries()) {
      const base = this.#baseOf(o);
      if (base === "unknown") return null;
      if (base === null) continue;
      const one = seenOf(o, base, times[i] as number);
      this.#use(one);
      seen.push(one);
    }
    return { seen, firstAt: times[0] as number };
  }

  #baseOf(o: StoredObservation): StoredObservation | null | "unknown" {
    const { confirm } = o;
    if (confirm === null) return o;
    const key = baseKey(o.agent, confirm);
    const entry = this.#bases.get(key);
    if (entry === undefined) {
      if (this.#pruned && !this.#missing.has(key)) return "unknown";
      this.#missing.add(key);
      return null;
    }
    return entry.list.find((b) => (b.factsHash ?? "") === confirm.hash && b.probe === o.probe) ?? null;
  }
}
