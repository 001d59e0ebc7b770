/** The newest looks at some addresses, for people: what was seen lately, without the evidence bytes. */
import type { Store } from "./client.ts";
import type { WholeObservation } from "./observation.ts";
import type { ObservationRow } from "./observation-row.ts";
import { fromWire } from "./time.ts";

export interface ObservationListQuery {
  readonly addresses: readonly string[];
  readonly bssids: readonly string[];
  /** Where the page before ended: storage time, ms, and key. */
  readonly before?: { readonly storedAt: number; readonly key: string };
  readonly limit: number;
}

/** Newest stored first; each key and content once. */
export async function readObservationList(
  store: Store,
  tenant: string,
  site: string,
  q: ObservationListQuery,
): Promise<WholeObservation[]> {
  const page =
    q.before === undefined
      ? ""
      : " AND (stored_at, concat(agent, '/', epoch, '/', toString(seq))) < ({beforeAt:DateTime64(3, 'UTC')}, {beforeKey:String})";
  const sql = `SELECT * EXCEPT evidence, '[]' AS evidence FROM observation
    WHERE tenant = {tenant:String} AND site = {site:String}
      AND (server_address IN {addresses:Array(String)} AND server_address != '' OR bssid IN {bssids:Array(String)} AND bssid != '')${page}
    ORDER BY stored_at DESC, concat(agent, '/', epoch, '/', toString(seq)) DESC, content_hash
    LIMIT 1 BY agent, epoch, seq, content_hash LIMIT {limit:UInt32}`;
  const rows = await store.query<ObservationRow>(sql, {
    tenant,
    site,
    addresses: [...q.addresses],
    bssids: [...q.bssids],
    limit: q.limit,
    ...(q.before === undefined ? {} : { beforeAt: new Date(q.before.storedAt), beforeKey: q.before.key }),
  });
  return rows.map((row) => ({ row, storedAt: fromWire(row.stored_at) }));
}
