/** What is believed now, as the store holds it: what a newly derived present is compared with. */
import { canonical } from "./canonical.ts";
import { fromColumnTime } from "./column-time.ts";
import type { BeliefRow, BssRow, DeviceRow, EventRow, IdentifierRow, Rows, StateRow, SummaryRow } from "./row.ts";
import type { SiteInput } from "./types.ts";

export interface StoredDevice {
  readonly founding: string;
  readonly aliasOf: string;
  readonly gone: boolean;
  readonly body: string;
  /** First recording of the id, ms. */
  readonly recordedAt: number;
}

export interface StoredEvent {
  readonly id: string;
  readonly device: string;
  readonly key: string;
  readonly at: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly change: string;
  readonly revises: readonly string[];
}

/** Keys: belief and state "device|clause[|from]", identifier "kind|value|device", bss "bssid|ssid", the others the id. */
export interface StoredPresent {
  readonly beliefs: ReadonlyMap<string, BeliefRow>;
  readonly devices: ReadonlyMap<string, StoredDevice>;
  readonly identifiers: ReadonlyMap<string, IdentifierRow>;
  readonly events: ReadonlyMap<string, StoredEvent>;
  /** Observations that are kept as evidence. */
  readonly evidence: ReadonlySet<string>;
  readonly states: ReadonlyMap<string, StateRow>;
  readonly summaries: ReadonlyMap<string, SummaryRow>;
  readonly bss: ReadonlyMap<string, BssRow>;
}

export const NOTHING_STORED: StoredPresent = {
  beliefs: new Map(),
  devices: new Map(),
  identifiers: new Map(),
  events: new Map(),
  evidence: new Set(),
  states: new Map(),
  summaries: new Map(),
  bss: new Map(),
};

/** @param belief its `from` as a column's text or in ms */
export function beliefKey({
  device,
  clause,
  from,
}: {
  readonly device: string;
  readonly clause: string;
  readonly from: string | number;
}): string {
  return `${device}|${clause}|${typeof from === "string" ? fromColumnTime(from) : Math.floor(from)}`;
}

export function identifierKey(row: Pick<IdentifierRow, "kind" | "value" | "device">): string {
  return `${row.kind}|${row.value}|${row.device}`;
}

export function stateKey(row: Pick<StateRow, "device" | "clause">): string {
  return `${row.device}|${row.clause}`;
}

export function bssKey(row: Pick<BssRow, "bssid" | "ssid">): string {
  return `${row.bssid}|${row.ssid}`;
}

function storedEvent(row: EventRow): StoredEvent {
  const { data } = JSON.parse(row.body) as { data: { from?: string | null; to?: string | null; change?: string } };
  const { id, device, key, revises } = row;
  return { id, device, key, at: fromColumnTime(row.at), from: data.from ?? null, to: data.to ?? null, change: data.change ?? "", revises };
}

function storedDevice(row: DeviceRow, before: StoredDevice | undefined, recordedAt: number): StoredDevice {
  return { founding: row.founding, aliasOf: row.alias_of, gone: row.gone, body: row.body, recordedAt: before?.recordedAt ?? recordedAt };
}

/** Copies a map only where something is put into it. */
function put<V, R>(
  map: ReadonlyMap<string, V>,
  rows: readonly R[],
  keyOf: (row: R) => string,
  valueFrom: (row: R, before: V | undefined) => V | null,
): ReadonlyMap<string, V> {
  if (rows.length === 0) return map;
  const out = new Map(map);
  for (const row of rows) {
    const key = keyOf(row);
    const value = valueFrom(row, out.get(key));
    if (value === null) out.delete(key);
    else out.set(key, value);
  }
  return out;
}

/**
 * The store after one changeset. Pure: memory that applies what the log says and a database that does agree. Reading a database into
 * memory is the same function over all its rows in the order of (recorded_at, seq).
 * @param recordedAt of the changeset, ms
 */
export function applyRows(stored: StoredPresent, rows: Rows, recordedAt: number): StoredPresent {
  return {
    beliefs: put(stored.beliefs, rows.belief, beliefKey, (r) => (r.status === "retracted" ? null : r)),
    devices: put(
      stored.devices,
      rows.device,
      (r) => r.device,
      (r, before) => storedDevice(r, before, recordedAt),
    ),
    identifiers: put(stored.identifiers, rows.identifier, identifierKey, (r) => (r.gone ? null : r)),
    events: put(
      stored.events,
      rows.event,
      (r) => r.id,
      (r) => storedEvent(r),
    ),
    evidence: rows.evidence.length === 0 ? stored.evidence : stored.evidence.union(new Set(rows.evidence.map((r) => r.observation))),
    states: put(stored.states, rows.state, stateKey, (r) => (r.gone ? null : r)),
    summaries: put(
      stored.summaries,
      rows.summary,
      (r) => r.device,
      (r) => (r.gone ? null : r),
    ),
    bss: put(stored.bss, rows.bss, bssKey, (r) => (r.gone ? null : r)),
  };
}

/** Recorded foundings with their ids, aliases too: what grouping finds ids by. */
export function knownOf(stored: StoredPresent): SiteInput["known"] {
  return new Map([...stored.devices].map(([id, d]) => [d.founding, { id, recordedAt: d.recordedAt }]));
}

const TIME_COLUMNS = new Set(["from", "at", "since", "observed_at", "first_seen_at", "last_seen_at", "vanished_at"]);

/** Equal in the given columns, whatever the spelling of their times. */
export function sameRow<R extends object>(a: R | undefined, b: R, columns: readonly (keyof R & string)[]): boolean {
  if (a === undefined) return false;
  if (a === b) return true;
  return columns.every((c) => {
    const [x, y]: unknown[] = [a[c], b[c]];
    if (x === y) return true;
    if (TIME_COLUMNS.has(c)) return typeof x === "string" && typeof y === "string" && fromColumnTime(x) === fromColumnTime(y);
    return canonical(x) === canonical(y);
  });
}
