/**
 * What the outbox keeps: one table for each rank, read as one list in the order of position. Giving up the oldest of one rank so frees whole
 * pages instead of leaving holes in all of them.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RANK, RANKS, type Rank, type StoredRank } from "./outbox.ts";
import { checksum } from "./schema.ts";

export interface KeptRow {
  readonly position: number;
  readonly look: string;
  readonly bytes: Uint8Array;
  /** Wall clock, ms. */
  readonly appendedMs: number;
  /** Running time of the outbox, ms: what age is measured by, as a wall clock may step. */
  readonly agedMs: number;
}

export interface ReadRow {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** Not what was written. */
  readonly isDamaged: boolean;
}

/** One observation that was given up. */
export interface Given {
  readonly position: number;
  readonly look: string;
  readonly size: number;
  readonly appendedMs: number;
  readonly rank: StoredRank;
}

interface Row {
  readonly position: number;
  readonly look: string;
  readonly size: number;
  readonly appended_ms: number;
  readonly aged_ms: number;
}

function merged(db: DatabaseSync, ranks: readonly StoredRank[]): StatementSync {
  const parts = ranks.map((r) => `SELECT position, bytes, crc FROM kept_${r} WHERE position > ?1`);
  return db.prepare(`${parts.join(" UNION ALL ")} ORDER BY position LIMIT ?2`);
}

export function openKept(db: DatabaseSync) {
  const each = (sql: (table: string) => string) => RANKS.map((r) => db.prepare(sql(`kept_${r}`)));
  const insert = each((t) => `INSERT INTO ${t} (position, look, bytes, appended_ms, aged_ms, crc) VALUES (?, ?, ?, ?, ?, ?)`);
  const all = merged(db, RANKS);
  const changes = merged(db, RANKS.slice(RANK.change));
  const sum = each((t) => `SELECT count(*) AS n, coalesce(sum(length(bytes)), 0) AS size FROM ${t} WHERE position BETWEEN ? AND ?`);
  const remove = each((t) => `DELETE FROM ${t} WHERE position BETWEEN ? AND ?`);
  const oldest = each((t) => `SELECT position, appended_ms FROM ${t} ORDER BY position LIMIT 1`);
  const columns = "position, look, length(bytes) AS size, appended_ms, aged_ms";
  const inOrder = each((t) => `SELECT ${columns} FROM ${t} ORDER BY position`);
  const one = each((t) => `SELECT ${columns} FROM ${t} WHERE position = ?`);

  function given(rank: StoredRank, { position, look, size, appended_ms: appendedMs }: Row): Given {
    return { position, look, size, appendedMs, rank };
  }

  function giveUp(rank: Rank, isEnough: (row: Row) => boolean): Given[] {
    const gone: Given[] = [];
    for (const row of (inOrder[rank] as StatementSync).iterate() as Iterable<unknown>) {
      if (isEnough(row as Row)) break;
      gone.push(given(rank, row as Row));
    }
    const last = gone.at(-1);
    if (last !== undefined) remove[rank]?.run(0, last.position);
    return gone;
  }

  function at(position: number): Given | undefined {
    for (const rank of RANKS) {
      const row = one[rank]?.get(position) as Row | undefined;
      if (row !== undefined) return given(rank, row);
    }
    return undefined;
  }

  return {
    insert(rank: StoredRank, row: KeptRow): void {
      insert[rank]?.run(row.position, row.look, row.bytes, row.appendedMs, row.agedMs, checksum(row.position, row.bytes));
    },
    *after(position: number, limit: number, only?: "changes"): Generator<ReadRow> {
      const rows = (only === undefined ? all : changes).iterate(position, limit) as Iterable<unknown>;
      for (const { crc, ...row } of rows as Iterable<{ position: number; bytes: Uint8Array; crc: number }>)
        yield { ...row, isDamaged: checksum(row.position, row.bytes) !== crc };
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
    at,
    oldest(): { position: number; appendedMs: number } | undefined {
      const rows = oldest.flatMap((s) => (s.get() as { position: number; appended_ms: number } | undefined) ?? []);
      if (rows.length === 0) return undefined;
      return { position: Math.min(...rows.map((r) => r.position)), appendedMs: Math.min(...rows.map((r) => r.appended_ms)) };
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
    giveUpAt(position: number): Given[] {
      const row = at(position);
      if (row === undefined) return [];
      remove[row.rank]?.run(position, position);
      return [row];
    },
  };
}
