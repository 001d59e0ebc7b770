/** Rows of a changeset, exactly as the tables' columns want them but for bucket, era, seq and recorded_at, which apply adds. */

interface SiteRow {
  readonly tenant: string;
  readonly site: string;
}

export interface BeliefRow extends SiteRow {
  readonly device: string;
  readonly clause: string;
  readonly from: string;
  readonly status: string;
  readonly basis: string;
  readonly code: string;
  /** Canonical JSON. */
  readonly parameters: string;
  readonly evidence: string;
  readonly observed_at: string | null;
  readonly rule_version: number;
  readonly cause: string;
  readonly initial: boolean;
}

export interface DeviceRow extends SiteRow {
  readonly device: string;
  readonly founding: string;
  /** Empty, or the id that bears its group now. */
  readonly alias_of: string;
  readonly gone: boolean;
  /** JSON of Device without lastSeenAt; empty for what is gone. */
  readonly body: string;
}

export interface IdentifierRow extends SiteRow {
  readonly kind: string;
  readonly value: string;
  readonly device: string;
  readonly joins: boolean;
  readonly cloned: boolean;
  readonly first_seen_at: string;
  readonly observation: string;
  readonly gone: boolean;
}

export interface EventRow extends SiteRow {
  readonly id: string;
  readonly device: string;
  readonly kind: string;
  readonly clause: string;
  readonly at: string;
  readonly key: string;
  readonly revises: readonly string[];
  /** CloudEvents 1.0 JSON. */
  readonly body: string;
}

export interface EvidenceRow extends SiteRow {
  readonly observation: string;
  readonly body: string;
}

export interface StateRow extends SiteRow {
  readonly device: string;
  readonly clause: string;
  readonly status: string;
  readonly basis: string;
  readonly code: string;
  readonly parameters: string;
  readonly since: string;
  readonly observed_at: string | null;
  readonly gone: boolean;
}

export interface SummaryRow extends SiteRow {
  readonly device: string;
  readonly name: string;
  readonly class: string;
  readonly membership: string;
  readonly vendor: string;
  readonly model: string;
  readonly firmware: string;
  readonly addresses: readonly string[];
  readonly failing: readonly string[];
  readonly proven: number | null;
  readonly possible: number | null;
  /** The worst of its verdicts. */
  readonly status: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly vanished_at: string | null;
  /** JSON: the device as the API shows it. */
  readonly body: string;
  readonly gone: boolean;
}

export interface BssRow extends SiteRow {
  readonly bssid: string;
  readonly ssid: string;
  /** Empty: belongs to no device. */
  readonly device: string;
  readonly facts: string;
  readonly observed_at: string;
  readonly gone: boolean;
}

export interface Rows {
  readonly evidence: readonly EvidenceRow[];
  readonly identifier: readonly IdentifierRow[];
  readonly device: readonly DeviceRow[];
  readonly belief: readonly BeliefRow[];
  readonly event: readonly EventRow[];
  readonly bss: readonly BssRow[];
  readonly state: readonly StateRow[];
  readonly summary: readonly SummaryRow[];
}

export const NO_ROWS: Rows = { evidence: [], identifier: [], device: [], belief: [], event: [], bss: [], state: [], summary: [] };

/** As a changeset carries them; tables without rows are left out. */
export function tablesOf(rows: Rows): { readonly table: string; readonly rows: readonly Readonly<Record<string, unknown>>[] }[] {
  return Object.entries(rows)
    .filter(([, list]) => list.length > 0)
    .map(([table, list]) => ({ table, rows: list as readonly Readonly<Record<string, unknown>>[] }));
}

export function rowCount(rows: Rows): number {
  return Object.values(rows).reduce((n, list) => n + list.length, 0);
}

export function isEmpty(rows: Rows): boolean {
  return rowCount(rows) === 0;
}
