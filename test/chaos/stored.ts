/** What the store holds of the agents, asked of ClickHouse itself: the API is what is measured against it. */
import type { World } from "../kit/index.ts";
import type { Told } from "./expect.ts";

/** A gap record of the outbox: what of an epoch will not come. */
export interface GapTold {
  readonly reason: string;
  /** "" where nothing had a seq yet. */
  readonly epoch: string;
  /** Inclusive. */
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
  readonly changes: number;
}

export async function readTold({ store }: World): Promise<Told[]> {
  const epochs = await store.query<{ epoch: string; ms: string }>(
    "SELECT epoch, toString(toUnixTimestamp64Milli(argMin(created_at, stored_at))) AS ms FROM epoch GROUP BY epoch",
  );
  const created = new Map(epochs.map(({ epoch, ms }) => [epoch, Number(ms)]));
  const rows = await store.query<{
    epoch: string;
    seq: number;
    content_hash: string;
    wall: string;
    offset: number;
    stored: string;
    mark: string;
  }>(
    `SELECT epoch, seq, content_hash, any(JSONExtractString(facts, 'server')) AS mark, toString(toUnixTimestamp64Milli(argMin(wall_at, stored_at))) AS wall,
       ifNull(argMin(tuple(offset_ms), stored_at).1, 0) AS offset, toString(toUnixTimestamp64Milli(min(stored_at))) AS stored
     FROM observation GROUP BY epoch, seq, content_hash`,
  );
  return rows.map((row) => ({
    epoch: row.epoch,
    epochMs: created.get(row.epoch) ?? 0,
    seq: row.seq,
    contentHash: row.content_hash,
    wallMs: Number(row.wall) + row.offset,
    storedMs: Number(row.stored),
    mark: Number(row.mark),
  }));
}

export async function readGaps({ store }: World): Promise<GapTold[]> {
  const rows = await store.query<{ facts: string }>(
    "SELECT any(facts) AS facts FROM observation WHERE probe = 'agent.gap' GROUP BY epoch, seq, content_hash",
  );
  return rows.map(({ facts }) => {
    const { reason, epoch, ranges, changes } = JSON.parse(facts) as GapTold;
    return { reason, epoch, ranges, changes };
  });
}

/** Sweeps that had to correct something, ever, whichever collector made them: each tells an event. */
export async function readCorrectedSweeps({ store }: World): Promise<number> {
  const [row] = await store.query<{ n: number }>(
    "SELECT uniqExact(id) AS n FROM event WHERE JSONExtractString(body, 'data', 'change') = 'sweep-corrected'",
  );
  return row?.n ?? Number.NaN;
}
