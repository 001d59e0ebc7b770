/** An agent's outbox as it lies on disk, read beside the agent that writes it: its own account of what it told and of what it still keeps. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The observation that last carried a look's facts. */
export interface SentFacts {
  /** SHA-256 over the posture, hex. */
  readonly hash: string;
  /** "epoch/seq" */
  readonly key: string;
  /** When the look was last told of in any form, ms since 1970. */
  readonly reportedAtMs: number;
}

export interface OutboxFile {
  readonly epoch: string;
  /** The seq that comes next. */
  readonly next: number;
  /** Seqs of the epoch that no receipt covers yet, ascending. */
  readonly kept: readonly number[];
  /** By the key of the look. */
  readonly sent: ReadonlyMap<string, SentFacts>;
}

interface ToldRow {
  readonly look: string;
  readonly hash: string;
  readonly epoch: string;
  readonly seq: number;
  readonly reported_at_ms: number;
}

/** @param data folder of `vedette up` */
export function readOutboxFile(data: string): OutboxFile {
  const db = new DatabaseSync(join(data, "agent", "outbox.sqlite"), { readOnly: true, timeout: 5_000 });
  try {
    // One snapshot: the agent goes on writing.
    db.exec("BEGIN");
    const { id, next } = db.prepare("SELECT id, next FROM epoch").get() as { id: string; next: number };
    const kept = db.prepare("SELECT seq FROM kept WHERE epoch = ? ORDER BY seq").all(id) as unknown as { seq: number }[];
    const told = db.prepare("SELECT look, lower(hex(hash)) AS hash, epoch, seq, reported_at_ms FROM told WHERE hash IS NOT NULL").all();
    const sent = (told as unknown as ToldRow[]).map(
      (r) => [r.look, { hash: r.hash, key: `${r.epoch}/${r.seq}`, reportedAtMs: r.reported_at_ms }] as const,
    );
    return { epoch: id, next, kept: kept.map((r) => r.seq), sent: new Map(sent) };
  } finally {
    db.close();
  }
}
