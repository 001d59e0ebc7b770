/** Networks in the radio scope as last seen. */
import type { BssPresent } from "../derive/types.ts";
import type { Store } from "./client.ts";
import { IN_NEWEST_ERA } from "./era.ts";
import { fromWire } from "./time.ts";

interface Row {
  readonly bssid: string;
  readonly ssid: string;
  readonly device: string;
  readonly facts: string;
  readonly observed_at: string;
}

export async function readBss(store: Store, tenant: string, site: string): Promise<BssPresent[]> {
  const sql = `SELECT bssid, ssid, device, facts, observed_at FROM bss FINAL
    WHERE tenant = {tenant:String} AND site = {site:String} AND NOT gone AND ${IN_NEWEST_ERA} ORDER BY bssid, ssid`;
  const rows = await store.query<Row>(sql, { tenant, site });
  return rows.map((row) => ({
    bssid: row.bssid,
    ssid: row.ssid,
    device: row.device === "" ? null : row.device,
    facts: JSON.parse(row.facts) as BssPresent["facts"],
    observedAt: fromWire(row.observed_at),
  }));
}
