/** What waits in quarantine for a person, and what people decided about it. An operator's view: over all tenants unless one is named. */
import { createHash } from "node:crypto";
import type { Store } from "./client.ts";
import type { Quarantined } from "./quarantine.ts";
import { fromWire, toWire } from "./time.ts";
import { Where } from "./where.ts";

/** An open entry without its message. */
export interface OpenQuarantine extends Omit<Quarantined, "message"> {
  readonly bytes: number;
}

export interface QuarantineDecision {
  readonly action: "requeued" | "dropped";
  readonly author: string;
  readonly why: string;
  /** ms since 1970 */
  readonly decidedAt: number;
}

/** Ids are hex (quarantineId), so they may stand in SQL. */
export const QUARANTINE_ID = /^[0-9a-f]{32}$/;

const NEWEST = "SELECT * FROM quarantine WHERE {where} ORDER BY stored_at DESC LIMIT 1 BY tenant, id";
const DECIDED = "SELECT tenant, id, max(decided_at) AS decided_at FROM quarantine_decision GROUP BY tenant, id";
const OPEN = `(${NEWEST}) AS q LEFT JOIN (${DECIDED}) AS d ON q.tenant = d.tenant AND q.id = d.id WHERE q.stored_at > d.decided_at`;

type Row = Omit<Quarantined, "message" | "storedAt"> & { readonly stored_at: string };

/** Oldest first. */
export async function readOpenQuarantine(store: Store, o: { tenant?: string; limit: number }): Promise<OpenQuarantine[]> {
  const where = new Where("1").and("tenant = {tenant:String}", { tenant: o.tenant });
  const sql = `SELECT q.id AS id, q.tenant AS tenant, q.site AS site, q.agent AS agent, q.epoch AS epoch, q.first AS first, q.last AS last,
    q.reason AS reason, q.stored_at AS stored_at, length(base64Decode(q.message)) AS bytes
    FROM ${OPEN.replace("{where}", where.sql)} ORDER BY stored_at, id LIMIT {limit:UInt32}`;
  const rows = await store.query<Row & { bytes: number }>(sql, { ...where.parameters, limit: o.limit });
  return rows.map(({ stored_at, ...row }) => ({ ...row, storedAt: fromWire(stored_at) }));
}

/** Open entries per tenant; a tenant without any is not named. */
export async function countOpenQuarantine(store: Store): Promise<Map<string, number>> {
  const sql = `SELECT q.tenant AS tenant, count() AS n FROM ${OPEN.replace("{where}", "1")} GROUP BY q.tenant`;
  return new Map((await store.query<{ tenant: string; n: number }>(sql)).map(({ tenant, n }) => [tenant, n]));
}

/** A message whose bytes are kept, decided or not; null where there is none. */
export async function readQuarantined(store: Store, id: string, tenant?: string): Promise<Quarantined | null> {
  const where = new Where("id = {id:String}").and("tenant = {tenant:String}", { tenant });
  const sql = `${NEWEST.replace("{where}", `${where.sql}`)}`;
  const [row] = await store.query<Row & { message: string }>(sql, { ...where.parameters, id });
  if (row === undefined) return null;
  const { stored_at, message, ...rest } = row;
  return { ...rest, message: Buffer.from(message, "base64"), storedAt: fromWire(stored_at) };
}

export async function insertQuarantineDecision(store: Store, of: Quarantined, decision: QuarantineDecision): Promise<void> {
  const { message, storedAt: _, ...entry } = of;
  const { decidedAt, ...rest } = decision;
  const sha256 = createHash("sha256").update(message).digest("hex");
  await store.insert("quarantine_decision", [{ ...entry, ...rest, bytes: message.length, sha256, decided_at: toWire(decidedAt) }]);
}

/** Removes the bytes of a message; what was decided about it stays. */
export async function deleteQuarantined(store: Store, of: Quarantined): Promise<void> {
  if (!QUARANTINE_ID.test(of.id)) throw new TypeError("no id of a message in quarantine");
  // The id is a hash over tenant and message: it names one tenant's message and no other's.
  await store.delete("quarantine", `id = '${of.id}'`);
}
