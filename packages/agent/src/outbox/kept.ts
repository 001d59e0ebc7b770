/**
 * What the outbox keeps: one table for each rank, read as one list in the order of seq. Giving up the oldest of one rank so frees whole pages
 * instead of leaving holes in all of them.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Lost } from "./gap.ts";
import { RANK, type Rank } from "./outbox.ts";

/** Rank of gap records: they are never given up. */
export const GAP_RANK = 3;
export const RANKS = [RANK.confirmation, RANK.outcome, RANK.change, GAP_RANK] as const;
type StoredRank = (typeof RANKS)[number];

export function keptSchema(): string {
  return RANKS.map(
    (r) => `CREATE TABLE kept_${r} (
      seq INTEGER PRIMARY KEY,
      look TEXT NOT NULL,
      bytes BLOB NOT NULL,
      appended_ms REAL NOT NULL,
      aged_ms REAL NOT NULL
    ) STRICT;`,
  ).join("\n");
}

/** All of them, for people and tests that look into the file. */
export const KEPT_VIEW = `CREATE VIEW kept AS ${RANKS.map((r) => `SELECT seq, look, bytes, appended_ms, ${r} AS rank FROM kept_${r}`).join(" UNION ALL ")};`;

export interface KeptRow {
  readonly seq: number;
  readonly look: string;
  readonly bytes: Uint8Array;
  /** Wall clock, ms. */
  readonly appendedMs: number;
  /** Running time of the outbox, ms: what age is measured by, as a wall clock may step. */
  readonly agedMs: number;
}

export interface Given extends Lost {
  readonly look: string;
  readonly size: number;
}

interface Row {
  readonly seq: number;
  readonly look: string;
  readonly size: number;
  readonly appended_ms: number;
  readonly aged_ms: number;
}

function merged(db: DatabaseSync, columns: string, ranks: readonly StoredRank[]): StatementSync {
  const parts = ranks.map((r) => `SELECT ${columns} FROM kept_${r} WHERE seq > ?1`);
  return db.prepare(`${parts.join(" UNION ALL ")} ORDER BY seq LIMIT ?2`);
}

export function openKept(db: DatabaseSync) {
  const each = (sql: (table: string) => string) => RANKS.map((r) => db.prepare(sql(`kept_${r}`)));
  const insert = each((t) => `INSERT INTO ${t} (seq, look, bytes, appended_ms, aged_ms) VALUES (?, ?, ?, ?, ?)`);
  const all = merged(db, "seq, bytes", RANKS);
  const changes = merged(db, "seq, bytes", [RANK.change, GAP_RANK]);
  const seqs = merged(db, "seq", RANKS);
  const sum = each((t) => `SELECT count(*) AS n, coalesce(sum(length(bytes)), 0) AS size FROM ${t} WHERE seq BETWEEN ? AND ?`);
  const remove = each((t) => `DELETE FROM ${t} WHERE seq BETWEEN ? AND ?`);
  const look = each((t) => `SELECT look FROM ${t} WHERE seq = ?`);
  const oldest = each((t) => `SELECT appended_ms FROM ${t} ORDER BY seq LIMIT 1`);
  const inOrder = each((t) => `SELECT seq, look, length(bytes) AS size, appended_ms, aged_ms FROM ${t} ORDER BY seq`);
  const move = each((t) => `UPDATE ${t} SET seq = ?, bytes = ? WHERE seq = ?`);

  function giveUp(rank: Rank, isEnough: (row: Row) => boolean): Given[] {
    const given: Given[] = [];
    for (const row of (inOrder[rank] as StatementSync).iterate() as Iterable<unknown>) {
      const { seq, look: of, size, appended_ms: appendedMs } = row as Row;
      if (isEnough(row as Row)) break;
      given.push({ seq, look: of, size, appendedMs, rank });
    }
    const last = given.at(-1);
    if (last !== undefined) remove[rank]?.run(0, last.seq);
    return given;
  }

  return {
    insert(rank: StoredRank, row: KeptRow): void {
      insert[rank]?.run(row.seq, row.look, row.bytes, row.appendedMs, row.agedMs);
    },
    after: (seq: number, limit: number, only?: "changes") =>
      (only === undefined ? all : changes).iterate(seq, limit) as Iterable<unknown> as Iterable<{ seq: number; bytes: Uint8Array }>,
    /** A page of rows read at once: what is read may be moved. */
    page: (seq: number, limit: number) => all.all(seq, limit) as unknown as { seq: number; bytes: Uint8Array }[],
    move(from: number, to: number, bytes: Uint8Array): void {
      for (const statement of move) if (statement.run(to, bytes, from).changes > 0) return;
    },
    remove(first: number, last: number): { count: number; size: number } {
      let count = 0;
      let size = 0;
      for (const r of RANKS) {
        const held = sum[r]?.get(first, last) as { n: number; size: number };
        if (held.n === 0) continue;
        remove[r]?.run(first, last);
        count += held.n;
        size += held.size;
      }
      return { count, size };
    },
    /** Of everything. */
    sum(): { count: number; size: number } {
      const sums = sum.map((s) => s.get(0, Number.MAX_SAFE_INTEGER) as { n: number; size: number });
      return { count: sums.reduce((n, s) => n + s.n, 0), size: sums.reduce((n, s) => n + s.size, 0) };
    },
    seqs: () => (seqs.all(0, -1) as { seq: number }[]).map((r) => r.seq),
    lookOf(seq: number): string | undefined {
      for (const statement of look) {
        const row = statement.get(seq) as { look: string } | undefined;
        if (row !== undefined) return row.look;
      }
      return undefined;
    },
    oldestMs(): number | undefined {
      const times = oldest.flatMap((s) => (s.get() as { appended_ms: number } | undefined)?.appended_ms ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    /** Gives up the oldest of the lowest rank first, then of the next, until so many bytes are free or nothing up to that rank is left. */
    giveUpSize(upTo: Rank, want: number): Given[] {
      let freed = 0;
      return [RANK.confirmation, RANK.outcome, RANK.change]
        .filter((rank) => rank <= upTo)
        .flatMap((rank) =>
          giveUp(rank, (row) => {
            if (freed >= want) return true;
            freed += row.size;
            return false;
          }),
        );
    },
    giveUpAged(before: number): Given[] {
      return [RANK.confirmation, RANK.outcome, RANK.change].flatMap((rank) => giveUp(rank, (row) => row.aged_ms >= before));
    },
  };
}

export type Kept = ReturnType<typeof openKept>;
