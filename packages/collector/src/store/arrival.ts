/** What has come in since: which storage times, which sites. Input of the worker that derives, not of the API: over every tenant. */
import { GAP } from "@vedette/proto";
import type { Store } from "./client.ts";
import { fromWire } from "./time.ts";

export interface TouchedSite {
  readonly tenant: string;
  readonly site: string;
  /** Latest storage time among its observations, ms. */
  readonly storedThrough: number;
}

/** The sites of every tenant that have observations stored at or after `since` (ms). */
export async function readTouchedSites(store: Store, since: number): Promise<TouchedSite[]> {
  const one = (table: string) =>
    `SELECT tenant, site, max(stored_at) AS stored FROM ${table} WHERE stored_at >= {since:DateTime64(3, 'UTC')} GROUP BY tenant, site`;
  const sql = `SELECT tenant, site, max(stored) AS stored FROM (${one("fact")} UNION ALL ${one("confirmed")}) GROUP BY tenant, site`;
  const rows = await store.query<{ tenant: string; site: string; stored: string }>(sql, { since: new Date(since) });
  return rows.map(({ tenant, site, stored }) => ({ tenant, site, storedThrough: fromWire(stored) }));
}

/** All rows of one insert bear one storage time, and become visible table by table. */
export interface StorageTime {
  /** ms. */
  readonly at: number;
  /** Rows of `fact` and of `confirmed` that are visible by now, repeated ones included. */
  readonly facts: number;
  readonly confirmed: number;
}

/** The storage times at or after `since`, ms. */
export async function readStorageTimes(store: Store, since: number): Promise<StorageTime[]> {
  const one = (table: string, counts: string) =>
    `SELECT stored_at, ${counts} FROM ${table} WHERE stored_at >= {since:DateTime64(3, 'UTC')} GROUP BY stored_at`;
  const sql = `SELECT toUnixTimestamp64Milli(stored_at) AS at, sum(f) AS facts, sum(c) AS confirmed
    FROM (${one("fact", "count() AS f, 0 AS c")} UNION ALL ${one("confirmed", "0 AS f, count() AS c")}) GROUP BY at`;
  return store.query<StorageTime>(sql, { since: new Date(since) });
}

/** Condition and parameters for rows stored at one of these times, ms. The bound lets the index leave out what is older. */
export const STORED_AT_TIMES = `stored_at >= {first:DateTime64(3, 'UTC')}
  AND stored_at IN (SELECT fromUnixTimestamp64Milli(arrayJoin({times:Array(Int64)}), 'UTC'))`;

export function timeParameters(times: readonly number[]): { readonly first: Date; readonly times: readonly number[] } {
  return { first: new Date(times.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER)), times };
}

/** The sites that have an observation stored at one of these times, ms. */
export async function readSitesStoredAt(store: Store, times: readonly number[]): Promise<{ tenant: string; site: string }[]> {
  if (times.length === 0) return [];
  const one = (table: string) => `SELECT tenant, site FROM ${table} WHERE ${STORED_AT_TIMES}`;
  return store.query(`SELECT DISTINCT tenant, site FROM (${one("fact")} UNION ALL ${one("confirmed")})`, timeParameters(times));
}

/** What agents could not keep, by their gap records stored at or after `since` (ms): observations per tenant. Each record counts once. */
export async function countGivenUp(store: Store, since: number): Promise<Map<string, number>> {
  const counts = ["confirmations", "outcomes", "changes"].map((name) => `JSONExtractUInt(facts, '${name}')`);
  const sql = `SELECT tenant, sum(n) AS n FROM (
      SELECT tenant, any(${counts.join(" + ")}) AS n FROM fact
      WHERE probe = {probe:String} AND stored_at >= {since:DateTime64(3, 'UTC')} AND JSONExtractString(facts, 'reason') != 'renumbered'
      GROUP BY tenant, site, agent, epoch, seq, content_hash
    ) GROUP BY tenant`;
  const rows = await store.query<{ tenant: string; n: number }>(sql, { probe: GAP, since: new Date(since) });
  return new Map(rows.map(({ tenant, n }) => [tenant, Number(n)]));
}
