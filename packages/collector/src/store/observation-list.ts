/** The newest looks at some addresses, for people: what was seen lately, without the evidence bytes. */
import type { Store } from "./client.ts";
import type { WholeObservation } from "./observation.ts";
import type { ObservationRow } from "./observation-row.ts";
import { fromWire } from "./time.ts";

export interface ObservationListQuery {
  readonly addresses: readonly string[];
  readonly bssids: readonly string[];
  /** Where the page before ended: its last observation's storage time, ms, id and content. */
  readonly before?: { readonly storedAt: number; readonly id: string; readonly contentHash: string };
  readonly limit: number;
}

const ID = "concat(agent, '/', epoch, '/', toString(seq))";

/**
 * Newest stored first; each key and content once, at its earliest storage. Collapsing comes before paging: an observation that was
 * stored again later has one place in the list, whichever page is asked for.
 */
export async function readObservationList(
  store: Store,
  tenant: string,
  site: string,
  q: ObservationListQuery,
): Promise<WholeObservation[]> {
  const { before } = q;
  const page =
    before === undefined
      ? ""
      : `HAVING (first, ${ID}, content_hash) < ({beforeAt:DateTime64(3, 'UTC')}, {beforeId:String}, {beforeHash:String})`;
  const place = "tenant = {tenant:String} AND site = {site:String}";
  const sql = `SELECT * EXCEPT evidence, '[]' AS evidence FROM observation
    WHERE ${place} AND (agent, epoch, seq, content_hash, stored_at) IN (
      SELECT agent, epoch, seq, content_hash, min(stored_at) AS first FROM observation
      WHERE ${place}
        AND (server_address IN {addresses:Array(String)} AND server_address != '' OR bssid IN {bssids:Array(String)} AND bssid != '')
      GROUP BY agent, epoch, seq, content_hash ${page}
      ORDER BY first DESC, ${ID} DESC, content_hash DESC LIMIT {limit:UInt32})
    ORDER BY stored_at DESC, ${ID} DESC, content_hash DESC LIMIT 1 BY agent, epoch, seq, content_hash`;
  const rows = await store.query<ObservationRow>(sql, {
    tenant,
    site,
    addresses: [...q.addresses],
    bssids: [...q.bssids],
    limit: q.limit,
    ...(before === undefined ? {} : { beforeAt: new Date(before.storedAt), beforeId: before.id, beforeHash: before.contentHash }),
  });
  return rows.map((row) => ({ row, storedAt: fromWire(row.stored_at) }));
}
