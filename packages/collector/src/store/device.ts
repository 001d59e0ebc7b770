/** Versions of devices: as they are, as they were known, and the ids that foundings already bear. */
import type { Store } from "./client.ts";
import { IN_ERA } from "./era.ts";
import { fromWire } from "./time.ts";

export interface RecordedDevice {
  readonly tenant: string;
  readonly site: string;
  readonly device: string;
  readonly founding: string;
  /** Empty, or the id that bears its group now. */
  readonly aliasOf: string;
  readonly gone: boolean;
  /** JSON of derive's Device without lastSeenAt. */
  readonly body: string;
  readonly recordedAt: number;
}

interface Row {
  readonly tenant: string;
  readonly site: string;
  readonly device: string;
  readonly founding: string;
  readonly alias_of: string;
  readonly gone: boolean;
  readonly body: string;
  readonly recorded_at: string;
}

const COLUMNS = "tenant, site, device, founding, alias_of, gone, body, recorded_at";
const NEWEST = "ORDER BY site, device, recorded_at DESC, era DESC, seq DESC LIMIT 1 BY site, device";

function toDevice({ alias_of, recorded_at, ...row }: Row): RecordedDevice {
  return { ...row, aliasOf: alias_of, recordedAt: fromWire(recorded_at) };
}

/** Each device of a site in its newest version that was recorded by `knownAt` (ms), gone ones and aliases too. */
export async function readDevices(store: Store, tenant: string, site: string, knownAt?: number): Promise<RecordedDevice[]> {
  const known = knownAt === undefined ? "" : " AND recorded_at <= {knownAt:DateTime64(3, 'UTC')}";
  const sql = `SELECT ${COLUMNS} FROM device WHERE tenant = {tenant:String} AND site = {site:String}${known} AND ${IN_ERA} ${NEWEST}`;
  const rows = await store.query<Row>(sql, { tenant, site, ...(knownAt === undefined ? {} : { knownAt: new Date(knownAt) }) });
  return rows.map(toDevice);
}

/** One device by its id, in its newest version by `knownAt`; null where the tenant has none. An id belongs to one site. */
export async function readDevice(store: Store, tenant: string, device: string, knownAt?: number): Promise<RecordedDevice | null> {
  const known = knownAt === undefined ? "" : " AND recorded_at <= {knownAt:DateTime64(3, 'UTC')}";
  const sql = `SELECT ${COLUMNS} FROM device WHERE tenant = {tenant:String} AND device = {device:String}${known} AND ${IN_ERA} ${NEWEST}`;
  const rows = await store.query<Row>(sql, { tenant, device, ...(knownAt === undefined ? {} : { knownAt: new Date(knownAt) }) });
  const row = rows[0];
  return row === undefined ? null : toDevice(row);
}

/** Founding → the id bound to it and when that was recorded first (ms). The binding never changes. */
export async function readFoundings(
  store: Store,
  tenant: string,
  site: string,
): Promise<Map<string, { readonly id: string; readonly recordedAt: number }>> {
  const sql = `SELECT founding, argMin(device, (recorded_at, era, seq)) AS id, min(recorded_at) AS recorded FROM device
    WHERE tenant = {tenant:String} AND site = {site:String} AND founding != '' AND ${IN_ERA} GROUP BY founding`;
  const rows = await store.query<{ founding: string; id: string; recorded: string }>(sql, { tenant, site });
  return new Map(rows.map((row) => [row.founding, { id: row.id, recordedAt: fromWire(row.recorded) }]));
}
