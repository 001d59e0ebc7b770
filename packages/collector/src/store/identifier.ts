/** Identifiers over the whole tenant: what finds key reuse and moves between sites. */
import type { Store } from "./client.ts";
import { IN_ERA } from "./era.ts";
import { fromWire } from "./time.ts";

export interface RecordedIdentifier {
  readonly site: string;
  readonly kind: string;
  readonly value: string;
  readonly device: string;
  readonly joins: boolean;
  readonly cloned: boolean;
  readonly firstSeenAt: number;
  readonly observation: string;
  readonly recordedAt: number;
}

type Row = Omit<RecordedIdentifier, "firstSeenAt" | "recordedAt"> & { first_seen_at: string; recorded_at: string };

const NEWEST = `SELECT site, kind, value, device, joins, cloned, first_seen_at, observation, gone, recorded_at FROM identifier
  WHERE tenant = {tenant:String} AND WHERE_MORE AND ${IN_ERA}
  ORDER BY kind, value, site, device, recorded_at DESC, era DESC, seq DESC LIMIT 1 BY kind, value, site, device`;

function toIdentifier({ first_seen_at, recorded_at, ...row }: Row): RecordedIdentifier {
  return { ...row, firstSeenAt: fromWire(first_seen_at), recordedAt: fromWire(recorded_at) };
}

async function read(store: Store, condition: string, parameters: Readonly<Record<string, unknown>>): Promise<RecordedIdentifier[]> {
  const sql = `SELECT * EXCEPT gone FROM (${NEWEST.replace("WHERE_MORE", condition)}) WHERE NOT gone`;
  return (await store.query<Row>(sql, parameters)).map(toIdentifier);
}

/** Who holds these values now, over all sites of the tenant. */
export function readHolders(store: Store, tenant: string, kind: string, values: readonly string[]): Promise<RecordedIdentifier[]> {
  return read(store, "kind = {kind:String} AND value IN {values:Array(String)}", { tenant, kind, values: [...values] });
}

/** What the devices of a site hold now. */
export function readSiteIdentifiers(store: Store, tenant: string, site: string): Promise<RecordedIdentifier[]> {
  return read(store, "site = {site:String}", { tenant, site });
}

export interface SharedIdentifier {
  readonly value: string;
  readonly holders: readonly { readonly site: string; readonly device: string }[];
}

/** Values of one kind that more than one device of the tenant holds now. */
export async function readShared(store: Store, tenant: string, kind: string): Promise<SharedIdentifier[]> {
  const sql = `SELECT value, arraySort(groupUniqArray((site, device))) AS holders
    FROM (${NEWEST.replace("WHERE_MORE", "kind = {kind:String}")}) WHERE NOT gone GROUP BY value HAVING length(holders) > 1 ORDER BY value`;
  const rows = await store.query<{ value: string; holders: readonly (readonly [string, string])[] }>(sql, { tenant, kind });
  return rows.map((row) => ({ value: row.value, holders: row.holders.map(([site, device]) => ({ site, device })) }));
}
