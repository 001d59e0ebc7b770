/** Writing observations, and what ingest asks about those that are stored. Reads for deriving stand in compact.ts. */
import type { AgentAddress } from "@vedette/proto";
import type { Store } from "./client.ts";
import { Gather } from "./gather.ts";
import type { EpochKey, ObservationKey, ObservationRow, PendingRow } from "./observation-row.ts";
import { fromWire, toWire } from "./time.ts";

/** @param storedAt ms */
export async function insertObservations(store: Store, rows: readonly PendingRow[], storedAt: number): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first) as (keyof PendingRow)[];
  const stored = toWire(storedAt);
  const values = rows.map((row) => [...columns.map((column) => row[column]), stored]);
  await store.insertValues("observation", [...columns, "stored_at"], values);
}

/** Seqs of one epoch, inclusive. */
export interface SeqRange extends EpochKey {
  readonly first: number;
  readonly last: number;
}

export function agentName({ tenant, site, agent }: AgentAddress): string {
  return `${tenant}/${site}/${agent}`;
}

export function epochName(key: EpochKey): string {
  return `${agentName(key)}/${key.epoch}`;
}

export function observationName(key: ObservationKey): string {
  return `${epochName(key)}/${key.seq}`;
}

/**
 * Says when epochs began (ms); of several claims the earliest stored one counts. Written before the first row of the epoch.
 * Nothing for none.
 */
export async function insertEpochs(
  store: Store,
  epochs: readonly (EpochKey & { readonly createdAt: number })[],
  storedAt: number,
): Promise<void> {
  await store.insert(
    "epoch",
    epochs.map(({ tenant, site, agent, epoch, createdAt }) => ({
      tenant,
      site,
      agent,
      epoch,
      created_at: toWire(createdAt),
      stored_at: toWire(storedAt),
    })),
  );
}

const OF_EPOCH = "tenant = {tenant:String} AND site = {site:String} AND agent = {agent:String} AND epoch = {epoch:String}";
const EPOCH_LISTS = "{tenants:Array(String)}, {sites:Array(String)}, {agents:Array(String)}, {epochs:Array(String)}";

/** fact and confirmed together hold every observation and do not expire. */
function everyOne(columns: string, where: string): string {
  return `SELECT ${columns} FROM fact WHERE ${where} UNION ALL SELECT ${columns} FROM confirmed WHERE ${where}`;
}

function lists(keys: readonly EpochKey[]): { tenants: string[]; sites: string[]; agents: string[]; epochs: string[] } {
  return {
    tenants: keys.map((k) => k.tenant),
    sites: keys.map((k) => k.site),
    agents: keys.map((k) => k.agent),
    epochs: keys.map((k) => k.epoch),
  };
}

/** An epoch that is on record. */
export interface EpochMark {
  readonly epoch: string;
  /** When it was first put there, ms. */
  readonly storedAt: number;
}

/** For each agent its last epoch in their order (derive/history.ts); null where it has none. */
export async function readNewestEpochs(store: Store, agents: readonly AgentAddress[]): Promise<(EpochMark | null)[]> {
  const of = "tenant, site, agent";
  const sql = `SELECT ${of}, epoch, min(stored_at) AS stored FROM epoch
    WHERE (${of}) IN arrayZip({tenants:Array(String)}, {sites:Array(String)}, {agents:Array(String)})
    GROUP BY ${of}, epoch ORDER BY ${of}, argMin(created_at, stored_at) DESC, epoch DESC LIMIT 1 BY ${of}`;
  const lists = { tenants: agents.map((a) => a.tenant), sites: agents.map((a) => a.site), agents: agents.map((a) => a.agent) };
  const rows = await store.query<AgentAddress & { epoch: string; stored: string }>(sql, lists);
  const marks = new Map(rows.map((row) => [agentName(row), { epoch: row.epoch, storedAt: fromWire(row.stored) }]));
  return agents.map((agent) => marks.get(agentName(agent)) ?? null);
}

/** By epochName: highest seq that is stored, 0 where only the epoch is on record; absent where it is not known. */
export async function readLastSeqs(store: Store, keys: readonly EpochKey[]): Promise<Map<string, number>> {
  if (keys.length === 0) return new Map();
  const of = "tenant, site, agent, epoch";
  const where = `(${of}) IN arrayZip(${EPOCH_LISTS})`;
  const sql = `SELECT ${of}, max(seq) AS last
    FROM (${everyOne(`${of}, seq`, where)} UNION ALL SELECT ${of}, toUInt32(0) AS seq FROM epoch WHERE ${where}) GROUP BY ${of}`;
  const rows = await store.query<EpochKey & { last: number }>(sql, lists(keys));
  return new Map(rows.map((row) => [epochName(row), row.last]));
}

/** For each range: seq → content hashes stored under it. */
export async function readContentHashes(store: Store, ranges: readonly SeqRange[]): Promise<Map<number, ReadonlySet<string>>[]> {
  const parameters: Record<string, unknown> = {};
  const one = (range: SeqRange, i: number) => {
    for (const [name, value] of Object.entries(range)) parameters[`${name}${i}`] = value;
    return `(tenant = {tenant${i}:String} AND site = {site${i}:String} AND agent = {agent${i}:String} AND epoch = {epoch${i}:String}
      AND seq BETWEEN {first${i}:UInt32} AND {last${i}:UInt32})`;
  };
  const of = "tenant, site, agent, epoch, seq";
  const where = ranges.map(one).join(" OR ");
  const sql = `SELECT ${of}, groupUniqArray(content_hash) AS hashes FROM (${everyOne(`${of}, content_hash`, where)}) GROUP BY ${of}`;
  const rows = await store.query<ObservationKey & { hashes: string[] }>(sql, parameters);
  const byEpoch = Map.groupBy(rows, epochName);
  return ranges.map((range) => {
    const own = (byEpoch.get(epochName(range)) ?? []).filter(({ seq }) => seq >= range.first && seq <= range.last);
    return new Map(own.map(({ seq, hashes }) => [seq, new Set(hashes)]));
  });
}

/** By observationName: hashes of the facts that the observations of these keys carried. */
export async function readFactHashes(store: Store, keys: readonly ObservationKey[]): Promise<Map<string, ReadonlySet<string>>> {
  if (keys.length === 0) return new Map();
  const of = "tenant, site, agent, epoch, seq";
  const sql = `SELECT ${of}, groupUniqArray(facts_hash) AS hashes FROM fact
    WHERE (${of}) IN arrayZip(${EPOCH_LISTS}, {seqs:Array(UInt32)}) AND facts_hash != ''
    GROUP BY ${of}`;
  const rows = await store.query<ObservationKey & { hashes: string[] }>(sql, { ...lists(keys), seqs: keys.map((k) => k.seq) });
  return new Map(rows.map((row) => [observationName(row), new Set(row.hashes)]));
}

/** Of one question: an observation may have 16 KiB of evidence. */
const WHOLE_AT_ONCE = 500;

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

export type ReadWhole = (keys: readonly ObservationKey[]) => Promise<ReadonlyMap<string, WholeObservation>>;

/**
 * As readObservation, of many keys, by observationName; of several contents the one whose hash is the least. Whoever asks while an answer is
 * awaited goes along with the next question: many buckets cite at the same time.
 */
export function wholeReader(store: Store): ReadWhole {
  const of = "tenant, site, agent, epoch, seq";
  const sql = `SELECT * FROM observation WHERE (${of}) IN arrayZip(${EPOCH_LISTS}, {seqs:Array(UInt32)})
    ORDER BY ${of}, content_hash, stored_at LIMIT 1 BY ${of}`;
  const read = async (keys: readonly ObservationKey[]) => {
    const rows = await store.query<ObservationRow>(sql, { ...lists(keys), seqs: keys.map((k) => k.seq) });
    return rows.map((row) => [observationName(row), { row, storedAt: fromWire(row.stored_at) }] as const);
  };
  const gather = new Gather<readonly ObservationKey[], ReadonlyMap<string, WholeObservation>>({
    async answer(asked) {
      const keys = asked.flat();
      const found = new Map<string, WholeObservation>();
      for (let i = 0; i < keys.length; i += WHOLE_AT_ONCE)
        for (const [name, whole] of await read(keys.slice(i, i + WHOLE_AT_ONCE))) found.set(name, whole);
      return asked.map(() => found);
    },
    weigh: (keys) => keys.length,
    most: WHOLE_AT_ONCE,
  });
  return async (keys) => (keys.length === 0 ? new Map() : gather.ask(keys));
}
