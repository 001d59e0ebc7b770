/** The outbox of an agent: one SQLite file, durable at every append, bounded, set aside when damaged. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Receipt } from "@vedette/proto";
import { isFull, openFile } from "./file.ts";
import {
  type Applied,
  BATCH_OBSERVATIONS,
  BATCH_PAYLOAD_BYTES,
  type Entry,
  type EpochStamp,
  FRAME_BYTES,
  type Outbox,
  type OutboxBatch,
  OutboxFullError,
  type OutboxSize,
  SEQ_LIMIT,
  type Told,
} from "./outbox.ts";
import { encodeDraft, renumber } from "./renumber.ts";
import { settle } from "./told.ts";

export interface DiskOutboxOptions {
  readonly path: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Cap of the file, bytes. */
  readonly maxBytes?: number;
  readonly seqLimit?: number;
  /** Told where a damaged file was moved to. */
  readonly onSetAside?: (path: string, reason: string) => void;
}

export const DEFAULT_MAX_BYTES = 1024 ** 3;

interface ToldRow {
  look: string;
  outcome: number;
  fault: string;
  hash: Uint8Array | null;
  epoch: string | null;
  seq: number | null;
  sent_at_ms: number | null;
  posture: Uint8Array | null;
  reported_at_ms: number;
  repeats: number;
}

function toldOf(r: ToldRow): Told {
  const base =
    r.hash === null || r.epoch === null || r.seq === null || r.sent_at_ms === null
      ? undefined
      : { hash: r.hash, epoch: r.epoch, seq: r.seq, sentAtMs: r.sent_at_ms };
  return {
    outcome: r.outcome,
    fault: r.fault,
    reportedAtMs: r.reported_at_ms,
    repeats: r.repeats,
    ...(base === undefined ? {} : { base }),
    ...(r.posture === null ? {} : { posture: r.posture }),
  };
}

function statements(db: DatabaseSync) {
  return {
    insert: db.prepare("INSERT INTO kept (seq, look, bytes, appended_ms) VALUES (?, ?, ?, ?)"),
    after: db.prepare("SELECT seq, bytes FROM kept WHERE seq > ? ORDER BY seq LIMIT ?"),
    lookOf: db.prepare("SELECT look FROM kept WHERE seq = ?"),
    remove: db.prepare("DELETE FROM kept WHERE seq BETWEEN ? AND ?"),
    size: db.prepare("SELECT count(*) AS depth, coalesce(sum(length(bytes)), 0) AS bytes FROM kept"),
    oldest: db.prepare("SELECT appended_ms FROM kept ORDER BY seq LIMIT 1"),
    epoch: db.prepare("SELECT id, created_ms, next, refused FROM epoch"),
    setEpoch: db.prepare("UPDATE epoch SET id = ?, created_ms = ?, next = ?"),
    setNext: db.prepare("UPDATE epoch SET next = ?"),
    addRefused: db.prepare("UPDATE epoch SET refused = refused + ?"),
    told: db.prepare("SELECT * FROM told WHERE look = ?"),
    allTold: db.prepare("SELECT * FROM told"),
    tell: db.prepare(
      "INSERT OR REPLACE INTO told (look, outcome, fault, hash, epoch, seq, sent_at_ms, posture, reported_at_ms, repeats) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    dropBase: db.prepare("UPDATE told SET hash = NULL, epoch = NULL, seq = NULL, sent_at_ms = NULL WHERE look = ?"),
    dropBases: db.prepare("UPDATE told SET hash = NULL, epoch = NULL, seq = NULL, sent_at_ms = NULL"),
    forget: db.prepare("DELETE FROM told WHERE look = ?"),
  };
}

export function createDiskOutbox(options: DiskOutboxOptions): Outbox {
  const { now, seqLimit = SEQ_LIMIT } = options;
  const db = openFile(
    options.path,
    options.maxBytes ?? DEFAULT_MAX_BYTES,
    { id: randomBytes(16).toString("hex"), createdMs: now() },
    options.onSetAside,
  );
  const sql = statements(db);
  const head = sql.epoch.get() as { id: string; created_ms: number; next: number; refused: number };
  let epoch: EpochStamp = { id: head.id, createdMs: head.created_ms };
  let next = head.next;
  let refused = head.refused;
  const first = sql.size.get() as { depth: number; bytes: number };
  let depth = first.depth;
  let bytes = first.bytes;

  /** All or nothing. Counters of this process are set by the caller, after the commit. */
  function transaction<T>(work: () => T): T {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (cause) {
      // SQLite has already rolled back by itself where the disk was full.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw cause;
    }
  }

  function recount(): void {
    const s = sql.size.get() as { depth: number; bytes: number };
    depth = s.depth;
    bytes = s.bytes;
  }

  function renewInside(): { epoch: EpochStamp; next: number } {
    const to = { id: randomBytes(16).toString("hex"), createdMs: now() };
    const rows = db.prepare("SELECT seq, look, bytes, appended_ms FROM kept ORDER BY seq").all() as {
      seq: number;
      look: string;
      bytes: Uint8Array;
      appended_ms: number;
    }[];
    const seqs = new Map(rows.map((r, i) => [r.seq, i + 1]));
    db.exec("DELETE FROM kept");
    for (const r of rows) {
      sql.insert.run(
        seqs.get(r.seq) ?? 0,
        r.look,
        renumber(r.bytes, epoch.id, to.id, (s) => seqs.get(s)),
        r.appended_ms,
      );
    }
    sql.dropBases.run();
    sql.setEpoch.run(to.id, to.createdMs, rows.length + 1);
    return { epoch: to, next: rows.length + 1 };
  }

  function renewEpoch(): void {
    const renewed = transaction(renewInside);
    epoch = renewed.epoch;
    next = renewed.next;
    recount();
  }

  function tell(look: string, t: Told): void {
    sql.tell.run(
      look,
      t.outcome,
      t.fault,
      t.base?.hash ?? null,
      t.base?.epoch ?? null,
      t.base?.seq ?? null,
      t.base?.sentAtMs ?? null,
      t.posture ?? null,
      t.reportedAtMs,
      t.repeats,
    );
  }

  return {
    get epoch() {
      return epoch;
    },

    append(entries: readonly Entry[]): readonly number[] {
      if (next + entries.length - 1 > seqLimit) renewEpoch();
      const at = next;
      const encoded = entries.map((e, i) => encodeDraft(e.draft, at + i));
      try {
        transaction(() => {
          entries.forEach((e, i) => {
            sql.insert.run(at + i, e.look, encoded[i] ?? new Uint8Array(), now());
            tell(e.look, settle(e.told, epoch.id, at + i));
          });
          sql.setNext.run(at + entries.length);
        });
      } catch (cause) {
        if (!isFull(cause)) throw cause;
        refused += entries.length;
        // The row exists already, so that this update needs no new page.
        try {
          sql.addRefused.run(entries.length);
        } catch (again) {
          if (!isFull(again)) throw again;
        }
        throw new OutboxFullError(`the outbox ${options.path} is full: make room on the disk or raise outbox.maxMiB`, { cause });
      }
      next = at + entries.length;
      depth += entries.length;
      bytes += encoded.reduce((sum, b) => sum + b.byteLength, 0);
      return entries.map((_, i) => at + i);
    },

    batch(afterSeq: number): OutboxBatch | undefined {
      const observations: Uint8Array[] = [];
      let firstSeq = 0;
      let last = 0;
      let size = 0;
      for (const row of sql.after.iterate(afterSeq, BATCH_OBSERVATIONS) as Iterable<{ seq: number; bytes: Uint8Array }>) {
        size += row.bytes.byteLength + FRAME_BYTES;
        if (observations.length > 0 && (row.seq !== last + 1 || size > BATCH_PAYLOAD_BYTES)) break;
        if (observations.length === 0) firstSeq = row.seq;
        last = row.seq;
        observations.push(row.bytes);
      }
      return observations.length === 0 ? undefined : { epoch, first: firstSeq, last, observations };
    },

    apply(receipt: Receipt): Applied {
      if (receipt.epoch !== epoch.id) return { removed: 0, needFacts: [], epochRenewed: false };
      const needFacts = new Set<string>();
      const { removed, renewed } = transaction(() => {
        for (const seq of receipt.needFacts) {
          const row = sql.lookOf.get(seq) as { look: string } | undefined;
          if (row !== undefined) needFacts.add(row.look);
        }
        for (const look of needFacts) sql.dropBase.run(look);
        let count = 0;
        for (const range of receipt.stored) count += Number(sql.remove.run(range.first, range.last).changes);
        for (const r of receipt.rejected) {
          if (r.range !== undefined) count += Number(sql.remove.run(r.range.first, r.range.last).changes);
        }
        return { removed: count, renewed: receipt.renewEpoch ? renewInside() : undefined };
      });
      if (renewed !== undefined) {
        epoch = renewed.epoch;
        next = renewed.next;
      }
      recount();
      // Draining is when pages become free; a bounded step keeps the file from staying at its largest.
      if (removed > 0) db.exec("PRAGMA incremental_vacuum(1000)");
      return { removed, needFacts: [...needFacts], epochRenewed: receipt.renewEpoch };
    },

    renewEpoch,
    told(look) {
      const row = sql.told.get(look) as unknown as ToldRow | undefined;
      return row === undefined ? undefined : toldOf(row);
    },
    allTold: () => (sql.allTold.all() as unknown as ToldRow[]).map((r) => [r.look, toldOf(r)] as const),
    forget(looks) {
      transaction(() => {
        for (const look of looks) sql.forget.run(look);
      });
    },

    size(): OutboxSize {
      const oldest = sql.oldest.get() as { appended_ms: number } | undefined;
      return { depth, bytes, refused, ...(oldest === undefined ? {} : { oldestMs: oldest.appended_ms }) };
    },

    close: () => db.close(),
  };
}
