/** Messages that could not be taken, whole, for a person to look at. */
import { createHash } from "node:crypto";
import type { Store } from "./client.ts";
import { fromWire, toWire } from "./time.ts";

export interface Quarantined {
  /** Hash of subject, reason and message: quarantining twice is once. */
  readonly id: string;
  readonly tenant: string;
  /** Empty where the subject does not say. */
  readonly site: string;
  readonly agent: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly reason: string;
  readonly message: Uint8Array;
  readonly storedAt: number;
}

export function quarantineId(tenant: string, agent: string, reason: string, message: Uint8Array): string {
  return createHash("sha256")
    .update(JSON.stringify([tenant, agent, reason]))
    .update(message)
    .digest("hex")
    .slice(0, 32);
}

export async function insertQuarantine(store: Store, list: readonly Omit<Quarantined, "id">[]): Promise<void> {
  await store.insert(
    "quarantine",
    list.map(({ message, storedAt, ...rest }) => ({
      ...rest,
      id: quarantineId(rest.tenant, rest.agent, rest.reason, message),
      message: Buffer.from(message).toString("base64"),
      stored_at: toWire(storedAt),
    })),
  );
}

/** Newest first; `before`: those stored earlier. */
export async function readQuarantine(store: Store, tenant: string, limit = 100, before = Date.now() + 1): Promise<Quarantined[]> {
  const sql = `SELECT * FROM quarantine WHERE tenant = {tenant:String} AND stored_at < {before:DateTime64(3, 'UTC')}
    ORDER BY stored_at DESC, id LIMIT 1 BY id LIMIT {limit:UInt32}`;
  type Row = Omit<Quarantined, "message" | "storedAt"> & { message: string; stored_at: string };
  const rows = await store.query<Row>(sql, { tenant, limit, before: new Date(before) });
  return rows.map(({ stored_at, message, ...row }) => ({ ...row, message: Buffer.from(message, "base64"), storedAt: fromWire(stored_at) }));
}
