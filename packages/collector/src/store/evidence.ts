/** Observations that verdicts and events cite, kept whole and for ever. */
import type { Store } from "./client.ts";

/** Observation id → its body (JSON). Unknown ids are missing. */
export async function readEvidence(
  store: Store,
  tenant: string,
  site: string,
  observations: readonly string[],
): Promise<Map<string, string>> {
  if (observations.length === 0) return new Map();
  const sql = `SELECT observation, any(body) AS body FROM evidence
    WHERE tenant = {tenant:String} AND site = {site:String} AND observation IN {observations:Array(String)} GROUP BY observation`;
  const rows = await store.query<{ observation: string; body: string }>(sql, { tenant, site, observations: [...observations] });
  return new Map(rows.map((row) => [row.observation, row.body]));
}
