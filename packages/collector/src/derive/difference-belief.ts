/** Beliefs and the current state: new, changed and retracted rows. */
import { canonical } from "./canonical.ts";
import { fromColumnTime, toColumnTime } from "./column-time.ts";
import type { BeliefRow, StateRow } from "./row.ts";
import { beliefKey, type StoredPresent, sameRow, stateKey } from "./stored.ts";
import type { Belief, Cause, SitePresent } from "./types.ts";

interface Place {
  readonly tenant: string;
  readonly site: string;
}

const BELIEF_COLUMNS = [
  "status",
  "basis",
  "code",
  "parameters",
  "evidence",
  "observed_at",
  "rule_version",
  "initial",
] as const satisfies (keyof BeliefRow)[];
const STATE_COLUMNS = ["status", "basis", "code", "parameters", "since", "observed_at"] as const satisfies (keyof StateRow)[];

/** Beliefs that stand from step to step are the same objects: their rows are made once, and are then those that are stored. */
const ROWS = new WeakMap<Belief, BeliefRow>();

function rowOf(b: Belief, cx: Place): BeliefRow {
  const made = ROWS.get(b);
  if (made?.tenant === cx.tenant && made.site === cx.site) return made;
  const row: BeliefRow = {
    tenant: cx.tenant,
    site: cx.site,
    device: b.device,
    clause: b.clause,
    from: toColumnTime(b.from),
    status: b.status,
    basis: b.basis,
    code: b.code,
    parameters: canonical(b.parameters),
    evidence: canonical(b.evidence),
    observed_at: b.observedAt === null ? null : toColumnTime(b.observedAt),
    rule_version: b.ruleVersion,
    cause: b.cause,
    initial: b.initial,
  };
  ROWS.set(b, row);
  return row;
}

function stateOf(row: BeliefRow): StateRow {
  const { tenant, site, device, clause, status, basis, code, parameters, observed_at } = row;
  return { tenant, site, device, clause, status, basis, code, parameters, since: row.from, observed_at, gone: false };
}

/** @param bearers alias → the id that bears its group: beliefs of an alias are retracted for identity's sake */
export function beliefRows(
  stored: StoredPresent,
  present: SitePresent,
  bearers: ReadonlyMap<string, string>,
  cx: Place,
): { belief: BeliefRow[]; state: StateRow[] } {
  const belief: BeliefRow[] = [];
  const now = new Set<string>();
  const latest = new Map<string, BeliefRow>();
  let latestStored: ReadonlyMap<string, number> | null = null;
  for (const b of present.beliefs) {
    const row = rowOf(b, cx);
    const key = beliefKey(b);
    now.add(key);
    const newest = latest.get(stateKey(row));
    if (newest === undefined || newest.from <= row.from) latest.set(stateKey(row), row);
    const before = stored.beliefs.get(key);
    if (sameRow(before, row, BELIEF_COLUMNS)) continue;
    // What comes before something already believed, or in its place, corrects the past.
    latestStored ??= latestOf(stored.beliefs);
    const late = before !== undefined || Math.floor(b.from) < (latestStored.get(stateKey(row)) ?? Number.NEGATIVE_INFINITY);
    belief.push(late ? { ...row, cause: "correction" satisfies Cause } : row);
  }
  for (const [key, row] of stored.beliefs) {
    if (now.has(key)) continue;
    const cause: Cause = bearers.has(row.device) ? "identity" : "correction";
    const { device, clause, from } = row;
    belief.push({
      tenant: cx.tenant,
      site: cx.site,
      device,
      clause,
      from,
      status: "retracted",
      basis: "none",
      code: "",
      parameters: "{}",
      evidence: "[]",
      observed_at: null,
      rule_version: row.rule_version,
      cause,
      initial: false,
    });
  }
  return { belief, state: stateRows(stored, latest, cx) };
}

/** Begin of the latest belief by device and clause, ms. */
function latestOf(beliefs: StoredPresent["beliefs"]): Map<string, number> {
  const latest = new Map<string, number>();
  for (const row of beliefs.values()) {
    const key = stateKey(row);
    latest.set(key, Math.max(fromColumnTime(row.from), latest.get(key) ?? Number.NEGATIVE_INFINITY));
  }
  return latest;
}

function stateRows(stored: StoredPresent, latest: ReadonlyMap<string, BeliefRow>, cx: Place): StateRow[] {
  const out: StateRow[] = [];
  for (const [key, row] of latest) {
    const state = stateOf(row);
    if (!sameRow(stored.states.get(key), state, STATE_COLUMNS)) out.push(state);
  }
  for (const [key, row] of stored.states) if (!latest.has(key)) out.push({ ...row, tenant: cx.tenant, site: cx.site, gone: true });
  return out;
}
