/** What crosses sites: key reuse and moves, until withdrawn. */
import type { Store } from "./client.ts";
import { IN_ERA } from "./era.ts";
import { fromWire } from "./time.ts";

export interface RecordedFinding {
  readonly id: string;
  readonly kind: string;
  /** JSON. */
  readonly body: string;
  readonly recordedAt: number;
}

export async function readFindings(store: Store, tenant: string, kind?: string): Promise<RecordedFinding[]> {
  const one = kind === undefined ? "" : " AND kind = {kind:String}";
  const sql = `SELECT id, kind, body, recorded_at FROM (
      SELECT id, kind, body, withdrawn, recorded_at FROM finding WHERE tenant = {tenant:String}${one} AND ${IN_ERA}
      ORDER BY id, recorded_at DESC, era DESC, seq DESC LIMIT 1 BY id
    ) WHERE NOT withdrawn ORDER BY id`;
  const rows = await store.query<Omit<RecordedFinding, "recordedAt"> & { recorded_at: string }>(sql, {
    tenant,
    ...(kind === undefined ? {} : { kind }),
  });
  return rows.map(({ recorded_at, ...row }) => ({ ...row, recordedAt: fromWire(recorded_at) }));
}
