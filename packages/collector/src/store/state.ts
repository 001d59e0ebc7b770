/** The present verdict of each clause of each device. */
import type { Belief } from "../derive/types.ts";
import type { Store } from "./client.ts";
import { IN_NEWEST_ERA } from "./era.ts";
import { fromWire, fromWireOrNull } from "./time.ts";

export interface ClauseState {
  readonly device: string;
  readonly clause: string;
  readonly status: Belief["status"];
  readonly basis: Belief["basis"];
  readonly code: string;
  readonly parameters: Belief["parameters"];
  /** Since when at the site, ms. */
  readonly since: number;
  readonly observedAt: number | null;
}

type Row = Omit<ClauseState, "parameters" | "since" | "observedAt"> & { parameters: string; since: string; observed_at: string | null };

export async function readState(store: Store, tenant: string, site: string, device?: string): Promise<ClauseState[]> {
  const one = device === undefined ? "" : " AND device = {device:String}";
  const sql = `SELECT device, clause, status, basis, code, parameters, since, observed_at FROM state FINAL
    WHERE tenant = {tenant:String} AND site = {site:String}${one} AND NOT gone AND ${IN_NEWEST_ERA} ORDER BY device, clause`;
  const rows = await store.query<Row>(sql, { tenant, site, ...(device === undefined ? {} : { device }) });
  return rows.map(({ since, observed_at, parameters, ...row }) => ({
    ...row,
    parameters: JSON.parse(parameters) as Belief["parameters"],
    since: fromWire(since),
    observedAt: fromWireOrNull(observed_at),
  }));
}
