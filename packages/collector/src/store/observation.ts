/** Writing observations, and what ingest asks about those that are stored. Reads for deriving stand in compact.ts. */
import type { AgentAddress } from "@vedette/proto";
import type { Store } from "./client.ts";
import type { ObservationRow, PendingRow } from "./observation-row.ts";
import { fromWire, toWire } from "./time.ts";

export async function insertObservations(store: Store, rows: readonly PendingRow[], storedAt: number): Promise<void> {
  const stored_at = toWire(storedAt);
  await store.insert(
    "observation",
    rows.map((row) => ({ ...row, stored_at })),
  );
}

/** Says when an epoch began; of several claims the earliest stored one counts. Written before the first row of the epoch. */
export async function insertEpoch(store: Store, address: AgentAddress, epoch: string, createdAt: number, storedAt: number): Promise<void> {
  const { tenant, site, agent } = address;
  await store.insert("epoch", [{ tenant, site, agent, epoch, created_at: toWire(createdAt), stored_at: toWire(storedAt) }]);
}

const OF_EPOCH = "tenant = {tenant:String} AND site = {site:String} AND agent = {agent:String} AND epoch = {epoch:String}";
/** fact and confirmed together hold every observation and do not expire. */
function everyOne(columns: string, where: string): string {
  return `SELECT ${columns} FROM fact WHERE ${where} UNION ALL SELECT ${columns} FROM confirmed WHERE ${where}`;
}

/** Highest seq of an epoch that is stored; null where the epoch is not known. */
export async function readLastSeq(store: Store, address: AgentAddress, epoch: string): Promise<number | null> {
  const sql = `SELECT max(seq) AS last, count() AS n FROM (${everyOne("seq", OF_EPOCH)})
    UNION ALL SELECT 0, count() FROM epoch WHERE ${OF_EPOCH}`;
  const rows = await store.query<{ last: number; n: number }>(sql, { ...address, epoch });
  const known = rows.some((row) => row.n > 0);
  return known ? Math.max(...rows.map((row) => row.last)) : null;
}

/** An epoch that is on record, ms. */
export interface EpochMark {
  readonly epoch: string;
  /** Corrected, as it was first claimed. */
  readonly createdAt: number;
  readonly storedAt: number;
}

/** An agent's last epoch in their order (derive/history.ts); null where it has none. */
export async function readNewestEpoch(store: Store, address: AgentAddress): Promise<EpochMark | null> {
  const sql = `SELECT epoch, argMin(created_at, stored_at) AS created, min(stored_at) AS stored FROM epoch
    WHERE tenant = {tenant:String} AND site = {site:String} AND agent = {agent:String}
    GROUP BY epoch ORDER BY created DESC, epoch DESC LIMIT 1`;
  const [row] = await store.query<{ epoch: string; created: string; stored: string }>(sql, { ...address });
  return row === undefined ? null : { epoch: row.epoch, createdAt: fromWire(row.created), storedAt: fromWire(row.stored) };
}

/** Content hashes stored under the seqs first to last of an epoch. */
export async function readContentHashes(
  store: Store,
  address: AgentAddress,
  { epoch, first, last }: { readonly epoch: string; readonly first: number; readonly last: number },
): Promise<Map<number, ReadonlySet<string>>> {
  const where = `${OF_EPOCH} AND seq BETWEEN {first:UInt32} AND {last:UInt32}`;
  const sql = `SELECT seq, groupUniqArray(content_hash) AS hashes FROM (${everyOne("seq, content_hash", where)}) GROUP BY seq`;
  const rows = await store.query<{ seq: number; hashes: string[] }>(sql, { ...address, epoch, first, last });
  return new Map(rows.map((row) => [row.seq, new Set(row.hashes)]));
}

/** "epoch/seq" → hashes of the facts that the agent's observations of these keys carried. */
export async function readFactHashes(
  store: Store,
  address: AgentAddress,
  keys: readonly { readonly epoch: string; readonly seq: number }[],
): Promise<Map<string, ReadonlySet<string>>> {
  if (keys.length === 0) return new Map();
  const sql = `SELECT epoch, seq, groupUniqArray(facts_hash) AS hashes FROM fact
    WHERE tenant = {tenant:String} AND site = {site:String} AND agent = {agent:String}
      AND (epoch, seq) IN arrayZip({epochs:Array(String)}, {seqs:Array(UInt32)}) AND facts_hash != ''
    GROUP BY epoch, seq`;
  const parameters = { ...address, epochs: keys.map((k) => k.epoch), seqs: keys.map((k) => k.seq) };
  const rows = await store.query<{ epoch: string; seq: number; hashes: string[] }>(sql, parameters);
  return new Map(rows.map((row) => [`${row.epoch}/${row.seq}`, new Set(row.hashes)]));
}

/** One observation with its evidence. */
export interface WholeObservation {
  readonly row: ObservationRow;
  /** Earliest storage, ms. */
  readonly storedAt: number;
}

/** Every content stored under one key (more than one: the agent is cloned); none where it is unknown or has expired. */
export async function readObservation(
  store: Store,
  tenant: string,
  { site, agent, epoch, seq }: { readonly site: string; readonly agent: string; readonly epoch: string; readonly seq: number },
): Promise<WholeObservation[]> {
  const sql = `SELECT * FROM observation WHERE ${OF_EPOCH} AND seq = {seq:UInt32} ORDER BY content_hash, stored_at LIMIT 1 BY content_hash`;
  const rows = await store.query<ObservationRow>(sql, { tenant, site, agent, epoch, seq });
  return rows.map((row) => ({ row, storedAt: fromWire(row.stored_at) }));
}
