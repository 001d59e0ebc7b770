/** One row a device, for fleet views. */
import type { Store } from "./client.ts";
import { IN_NEWEST_ERA } from "./era.ts";
import { fromWire, fromWireOrNull } from "./time.ts";
import { Where } from "./where.ts";

export interface DeviceSummary {
  readonly site: string;
  readonly device: string;
  readonly name: string;
  readonly class: string;
  readonly membership: string;
  readonly vendor: string;
  readonly model: string;
  readonly firmware: string;
  readonly addresses: readonly string[];
  /** Clauses that fail. */
  readonly failing: readonly string[];
  /** Levels; null where nothing applies. */
  readonly proven: number | null;
  readonly possible: number | null;
  /** The worst of its verdicts. */
  readonly status: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly vanishedAt: number | null;
  /** JSON: the device as the API shows it. */
  readonly body: string;
  readonly recordedAt: number;
}

export interface SummaryQuery {
  /** Absent: every site of the tenant. */
  readonly sites?: readonly string[];
  readonly devices?: readonly string[];
  /** Part of name, vendor, model, id or an address; case does not matter. */
  readonly q?: string;
  readonly status?: string;
  /** Only devices that fail it. */
  readonly clause?: string;
  /** Proven level; null: nothing applies. */
  readonly level?: number | null;
  readonly membership?: string;
  /** Where the page before ended: its last device. */
  readonly after?: { readonly site: string; readonly device: string };
  readonly limit: number;
}

interface Row {
  readonly site: string;
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
  readonly status: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly vanished_at: string | null;
  readonly body: string;
  readonly recorded_at: string;
}

const COLUMNS =
  "site, device, name, class, membership, vendor, model, firmware, addresses, failing, proven, possible, status, first_seen_at, last_seen_at, vanished_at, body, recorded_at";
const SEARCHED = "arrayConcat([name, vendor, model, device], addresses)";

function toSummary({ first_seen_at, last_seen_at, vanished_at, recorded_at, ...row }: Row): DeviceSummary {
  return {
    ...row,
    firstSeenAt: fromWire(first_seen_at),
    lastSeenAt: fromWire(last_seen_at),
    vanishedAt: fromWireOrNull(vanished_at),
    recordedAt: fromWire(recorded_at),
  };
}

/** By site and device id. */
export async function readSummaries(store: Store, tenant: string, q: SummaryQuery): Promise<DeviceSummary[]> {
  const where = new Where("NOT gone", IN_NEWEST_ERA)
    .and("tenant = {tenant:String}", { tenant })
    .and("site IN {sites:Array(String)}", { sites: q.sites })
    .and("device IN {devices:Array(String)}", { devices: q.devices })
    .and(`arrayExists(text -> positionCaseInsensitiveUTF8(text, {q:String}) > 0, ${SEARCHED})`, { q: q.q === "" ? undefined : q.q })
    .and("status = {status:String}", { status: q.status })
    .and("has(failing, {clause:String})", { clause: q.clause })
    .and("membership = {membership:String}", { membership: q.membership })
    .and("proven = {level:UInt8}", { level: q.level ?? undefined })
    .and("(site, device) > ({afterSite:String}, {afterDevice:String})", { afterSite: q.after?.site, afterDevice: q.after?.device });
  if (q.level === null) where.and("proven IS NULL");
  const sql = `SELECT ${COLUMNS} FROM summary FINAL WHERE ${where.sql} ORDER BY site, device LIMIT {limit:UInt32}`;
  return (await store.query<Row>(sql, { ...where.parameters, limit: q.limit })).map(toSummary);
}

export interface SiteTotal {
  readonly site: string;
  readonly membership: string;
  /** null: nothing applies. */
  readonly proven: number | null;
  readonly possible: number | null;
  readonly devices: number;
  /** Those with a failing clause. */
  readonly failing: number;
}

/** Devices counted by site, membership and level: what overviews add up. */
export async function readSiteTotals(store: Store, tenant: string, sites?: readonly string[]): Promise<SiteTotal[]> {
  const some = sites === undefined ? "" : " AND site IN {sites:Array(String)}";
  const sql = `SELECT site, membership, proven, possible, count() AS devices, countIf(notEmpty(failing)) AS failing FROM summary FINAL
    WHERE tenant = {tenant:String}${some} AND NOT gone AND ${IN_NEWEST_ERA} GROUP BY site, membership, proven, possible ORDER BY site`;
  return store.query<SiteTotal>(sql, { tenant, ...(sites === undefined ? {} : { sites: [...sites] }) });
}
