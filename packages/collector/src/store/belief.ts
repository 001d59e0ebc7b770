/** What was believed when: the bitemporal rule, and the timeline that a person reads. */
import type { Belief } from "../derive/types.ts";
import type { Store } from "./client.ts";
import { IN_ERA } from "./era.ts";
import { fromWire, fromWireOrNull } from "./time.ts";
import { timeValue, Where } from "./where.ts";

export interface RecordedBelief extends Belief {
  /** When we knew, ms. */
  readonly recordedAt: number;
  readonly seq: number;
}

export interface BeliefQuery {
  /** Absent: every device of the site. */
  readonly devices?: readonly string[];
  readonly clause?: string;
  /** As it was known then, ms; absent: now. */
  readonly knownAt?: number;
  /** Give retracted keys too: what the difference to a new computation needs. */
  readonly retracted?: boolean;
}

interface Row {
  readonly device: string;
  readonly clause: string;
  readonly from: string;
  readonly status: Belief["status"];
  readonly basis: Belief["basis"];
  readonly code: string;
  readonly parameters: string;
  readonly evidence: string;
  readonly observed_at: string | null;
  readonly rule_version: number;
  readonly cause: Belief["cause"];
  readonly initial: boolean;
  readonly recorded_at: string;
  readonly seq: number;
}

function toBelief(row: Row): RecordedBelief {
  return {
    device: row.device,
    clause: row.clause,
    from: fromWire(row.from),
    status: row.status,
    basis: row.basis,
    code: row.code,
    parameters: JSON.parse(row.parameters) as Belief["parameters"],
    evidence: JSON.parse(row.evidence) as Belief["evidence"],
    observedAt: fromWireOrNull(row.observed_at),
    ruleVersion: row.rule_version,
    cause: row.cause,
    initial: row.initial,
    recordedAt: fromWire(row.recorded_at),
    seq: row.seq,
  };
}

/** Per key (device, clause, from) the greatest (recorded_at, era, seq) that is at most knownAt; by device, clause and time. */
export async function readBeliefs(store: Store, tenant: string, site: string, q: BeliefQuery = {}): Promise<RecordedBelief[]> {
  const where = new Where(IN_ERA)
    .and("tenant = {tenant:String} AND site = {site:String}", { tenant, site })
    .and("device IN {devices:Array(String)}", { devices: q.devices })
    .and("clause = {clause:String}", { clause: q.clause })
    .and("recorded_at <= {knownAt:DateTime64(3, 'UTC')}", { knownAt: timeValue(q.knownAt) });
  const sql = `SELECT * FROM (
      SELECT device, clause, \`from\`, status, basis, code, parameters, evidence, observed_at, rule_version, cause, initial, recorded_at, seq
      FROM belief WHERE ${where.sql}
      ORDER BY device, clause, \`from\`, recorded_at DESC, era DESC, seq DESC
      LIMIT 1 BY device, clause, \`from\`
    )${q.retracted === true ? "" : " WHERE status != 'retracted'"}
    ORDER BY device, clause, \`from\``;
  const rows = await store.query<Row>(sql, where.parameters);
  return rows.map(toBelief);
}

/** A stretch of one clause of one device with the same verdict. */
export interface Stretch extends RecordedBelief {
  /** End, ms; null: it still holds. */
  readonly to: number | null;
}

function sameVerdict(a: Belief, b: Belief): boolean {
  return a.status === b.status && a.basis === b.basis && a.code === b.code && JSON.stringify(a.parameters) === JSON.stringify(b.parameters);
}

/** Beliefs in the order of readBeliefs → stretches: neighbours that say the same are one, the earlier one's. */
export function joinNeighbours(beliefs: readonly RecordedBelief[]): Stretch[] {
  const stretches: (RecordedBelief & { to: number | null })[] = [];
  for (const belief of beliefs) {
    const last = stretches.at(-1);
    const follows = last !== undefined && last.device === belief.device && last.clause === belief.clause;
    if (follows && sameVerdict(last, belief)) continue;
    if (follows) last.to = belief.from;
    stretches.push({ ...belief, to: null });
  }
  return stretches;
}

/** The stretches that hold at the time `at` (ms). */
export function at(stretches: readonly Stretch[], time: number): Stretch[] {
  return stretches.filter((s) => s.from <= time && (s.to === null || time < s.to));
}
