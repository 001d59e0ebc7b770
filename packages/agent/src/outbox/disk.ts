/**
 * The outbox of an agent: one SQLite file, durable at every append, bounded by size and age, set aside when damaged. What does not fit is
 * given up by rank, and a gap record names it (gap.ts).
 */
import { randomBytes } from "node:crypto";
import type { Receipt } from "@vedette/proto";
import { IN_MEMORY, isFull, keepEpochName, openFile } from "./file.ts";
import { type Gap, gapDraft, gapsOf, gapsOfRanges, rangesOf } from "./gap.ts";
import { GAP_RANK, type Given, openKept } from "./kept.ts";
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
  RANK,
  type Rank,
  SEQ_LIMIT,
} from "./outbox.ts";
import { encodeDraft, renumber } from "./renumber.ts";
import { NO_RESERVE, openReserve } from "./reserve.ts";
import { openTold } from "./told.ts";
import { openUntold } from "./untold.ts";

export interface DiskOutboxOptions {
  readonly path: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Monotonic clock, ms; by default that of the machine since boot. */
  readonly monotonic?: () => number;
  /** Cap of the file, bytes; its log and its reserve come on top, together at most 9 MiB. */
  readonly maxBytes?: number;
  /** Older observations are given up; time counts while an outbox is open. */
  readonly maxAgeMs?: number;
  readonly seqLimit?: number;
  /** Told where a damaged file was moved to. */
  readonly onSetAside?: (path: string, reason: string) => void;
}

export const DEFAULT_MAX_BYTES = 1024 ** 3;
const RESERVE_BYTES = 8 * 1024 ** 2;
/** Share of the cap that is given up at once, so that not every append has to make room. */
const STEP = 0.1;
const STEP_MIN_BYTES = 64 * 1024;
const STEP_MAX_BYTES = 16 * 1024 ** 2;
/** Pages that one append may need at the most. */
const APPEND_PAGES = 80;
const AGE_CHECK_MS = 60_000;
const VACUUM_PAGES = 1000;
const sinceBoot = () => Number(process.hrtime.bigint()) / 1e6;

export function createDiskOutbox(options: DiskOutboxOptions): Outbox {
  const { path, now, monotonic = sinceBoot, maxBytes = DEFAULT_MAX_BYTES, seqLimit = SEQ_LIMIT } = options;
  const opened = openFile(path, maxBytes, { id: randomBytes(16).toString("hex"), createdMs: now() }, options.onSetAside);
  const { db } = opened;
  const reserve = path === IN_MEMORY ? NO_RESERVE : openReserve(`${path}.reserve`, Math.min(RESERVE_BYTES, Math.floor(maxBytes / 8)));
  const kept = openKept(db);
  const told = openTold(db);
  const untold = openUntold(db);
  const sql = {
    setEpoch: db.prepare("UPDATE epoch SET id = ?, created_ms = ?, next = ?"),
    setNext: db.prepare("UPDATE epoch SET next = ?, aged_ms = ?"),
    count: db.prepare("UPDATE epoch SET refused = refused + ?, dropped = dropped + ?"),
  };
  const head = db.prepare("SELECT * FROM epoch").get() as {
    id: string;
    created_ms: number;
    next: number;
    refused: number;
    dropped: number;
    aged_ms: number;
  };
  let epoch: EpochStamp = { id: head.id, createdMs: head.created_ms };
  let { next, refused, dropped } = head;
  const everything = kept.sum();
  let depth = everything.count;
  let bytes = everything.size;
  let hasUntold = untold.gap() !== undefined;
  const openedAt = monotonic();
  let ageCheckedAt = Number.NEGATIVE_INFINITY;

  const aged = () => head.aged_ms + monotonic() - openedAt;

  /** All or nothing; the counters of this process go back with the file's. */
  function transaction<T>(work: () => T): T {
    const before = { epoch, next, depth, bytes, dropped };
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      sql.setNext.run(next, aged());
      db.exec("COMMIT");
      return result;
    } catch (cause) {
      // SQLite has already rolled back by itself where the disk was full.
      if (db.isTransaction) db.exec("ROLLBACK");
      ({ epoch, next, depth, bytes, dropped } = before);
      throw cause;
    }
  }

  /** A transaction that makes room: where the disk has none for its log either, the reserve gives it. Undefined where that did not do. */
  function freeing<T>(work: () => T): T | undefined {
    for (;;) {
      try {
        return transaction(work);
      } catch (cause) {
        if (!isFull(cause)) throw cause;
        if (!reserve.release()) return undefined;
        writeBack();
      }
    }
  }

  /** The log into the file, and its room back to the disk. */
  function writeBack(): void {
    try {
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (cause) {
      if (!isFull(cause)) throw cause;
    }
  }

  function insert(rank: Rank | typeof GAP_RANK, look: string, encoded: Uint8Array): void {
    kept.insert(rank, { seq: next, look, bytes: encoded, appendedMs: now(), agedMs: aged() });
    next++;
    depth++;
    bytes += encoded.byteLength;
  }

  function tell(gaps: readonly Gap[]): void {
    for (const gap of gaps) insert(GAP_RANK, "", encodeDraft(gapDraft(gap, now(), monotonic()), next));
  }

  function giveUp(reason: "size" | "disk-full" | "age", given: readonly Given[]): number {
    if (given.length === 0) return 0;
    depth -= given.length;
    bytes -= given.reduce((sum, g) => sum + g.size, 0);
    dropped += given.length;
    sql.count.run(0, given.length);
    // Their looks tell their facts again: nothing may rest on a base that does not come.
    for (const g of given) if (g.rank === RANK.change) told.dropBaseAt(g.look, epoch.id, g.seq);
    tell(gapsOf(reason, epoch.id, given));
    return given.length;
  }

  function isAtCap(): boolean {
    const pages = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
    return pages("page_count") - pages("freelist_count") + APPEND_PAGES >= pages("max_page_count");
  }

  /** False where nothing is kept that is worth no more than what needs the room. */
  function makeRoom(upTo: Rank): boolean {
    const reason = isAtCap() ? "size" : "disk-full";
    const want = Math.min(STEP_MAX_BYTES, Math.max(STEP_MIN_BYTES, maxBytes * STEP));
    const given = freeing(() => giveUp(reason, kept.giveUpSize(upTo, want))) ?? 0;
    if (reason === "disk-full") writeBack();
    return given > 0;
  }

  function dropAged(): void {
    const { maxAgeMs } = options;
    const at = monotonic();
    if (maxAgeMs === undefined || at - ageCheckedAt < AGE_CHECK_MS) return;
    ageCheckedAt = at;
    freeing(() => giveUp("age", kept.giveUpAged(aged() - maxAgeMs)));
  }

  function renewInside(): void {
    const from = epoch.id;
    const to = { id: randomBytes(16).toString("hex"), createdMs: now() };
    const old = kept.seqs();
    const seqs = new Map(old.map((seq, i) => [seq, i + 1]));
    // The new seq is never above the old one, and those below are free already.
    for (let after = 0, page = kept.page(after, BATCH_OBSERVATIONS); page.length > 0; page = kept.page(after, BATCH_OBSERVATIONS)) {
      for (const row of page) {
        const moved = renumber(row.bytes, from, to.id, (s) => seqs.get(s));
        kept.move(row.seq, seqs.get(row.seq) ?? 0, moved);
        bytes += moved.byteLength - row.bytes.byteLength;
        after = row.seq;
      }
    }
    told.dropBases();
    next = old.length + 1;
    epoch = to;
    sql.setEpoch.run(to.id, to.createdMs, next);
    tell(gapsOfRanges("renumbered", from, rangesOf(old)));
  }

  function renewEpoch(): void {
    transaction(renewInside);
    keepEpochName(path, epoch.id);
  }

  function store(entries: readonly Entry[]): readonly number[] {
    return transaction(() => {
      const seqs = entries.map((e) => {
        const seq = next;
        insert(e.rank, e.look, encodeDraft(e.draft, seq));
        told.put(e.look, e.told, epoch.id, seq);
        return seq;
      });
      const gap = hasUntold ? untold.gap() : undefined;
      if (gap !== undefined) {
        tell([gap]);
        untold.clear();
      }
      return seqs;
    });
  }

  function refuse(entries: readonly Entry[]): void {
    refused += entries.length;
    hasUntold = true;
    // The rows exist already, so that this needs no new page; where even its log finds no room, the count is this process's alone.
    freeing(() => {
      sql.count.run(entries.length, 0);
      for (const e of entries) untold.add(e.rank, now());
    });
  }

  function batchOf(afterSeq: number, only?: "changes"): OutboxBatch | undefined {
    const observations: Uint8Array[] = [];
    let first = 0;
    let last = 0;
    let size = 0;
    for (const row of kept.after(afterSeq, BATCH_OBSERVATIONS, only)) {
      size += row.bytes.byteLength + FRAME_BYTES;
      if (observations.length > 0 && (row.seq !== last + 1 || size > BATCH_PAYLOAD_BYTES)) break;
      if (observations.length === 0) first = row.seq;
      last = row.seq;
      observations.push(row.bytes);
    }
    return observations.length === 0 ? undefined : { epoch, first, last, observations };
  }

  function applyInside(receipt: Receipt): Applied {
    const needFacts = new Set(receipt.needFacts.flatMap((seq) => kept.lookOf(seq) ?? []));
    for (const look of needFacts) told.dropBase(look);
    let removed = 0;
    for (const range of [...receipt.stored, ...receipt.rejected.flatMap((r) => r.range ?? [])]) {
      const gone = kept.remove(range.first, range.last);
      removed += gone.count;
      depth -= gone.count;
      bytes -= gone.size;
    }
    if (receipt.renewEpoch) renewInside();
    return { removed, needFacts: [...needFacts], epochRenewed: receipt.renewEpoch };
  }

  if (opened.lostEpoch !== undefined) {
    const { lostEpoch } = opened;
    const ranges = lostEpoch === "" ? [] : [{ first: 1, last: SEQ_LIMIT }];
    freeing(() => tell([{ reason: "damaged", epoch: lostEpoch, ranges, counts: [0, 0, 0] }]));
  }
  keepEpochName(path, epoch.id);

  return {
    get epoch() {
      return epoch;
    },
    get last() {
      return next - 1;
    },

    append(entries: readonly Entry[]): readonly number[] {
      dropAged();
      if (next + entries.length - 1 > seqLimit) renewEpoch();
      const upTo = Math.max(...entries.map((e) => e.rank)) as Rank;
      for (;;) {
        try {
          const seqs = store(entries);
          hasUntold = false;
          return seqs;
        } catch (cause) {
          if (!isFull(cause)) throw cause;
          if (makeRoom(upTo)) continue;
          refuse(entries);
          throw new OutboxFullError(`the outbox ${path} is full: make room on the disk or raise outbox.maxMiB`, { cause });
        }
      }
    },

    batch: (afterSeq) => batchOf(afterSeq),
    changes: (afterSeq) => batchOf(afterSeq, "changes"),

    apply(receipt: Receipt): Applied {
      const nothing = { removed: 0, needFacts: [], epochRenewed: false };
      if (receipt.epoch !== epoch.id) return nothing;
      // A receipt that a full disk does not let us note comes again with its observations.
      const applied = freeing(() => applyInside(receipt)) ?? nothing;
      if (applied.epochRenewed) keepEpochName(path, epoch.id);
      if (applied.removed > 0) {
        // Draining is when pages become free; a bounded step keeps the file from staying at its largest.
        db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
        reserve.restore();
      }
      return applied;
    },

    renewEpoch,
    told: told.get,
    allTold: told.all,
    forget(looks) {
      freeing(() => {
        for (const look of looks) told.forget(look);
      });
    },

    size(): OutboxSize {
      const oldestMs = kept.oldestMs();
      return { depth, bytes, refused, dropped, ...(oldestMs === undefined ? {} : { oldestMs }) };
    },

    close: () => db.close(),
  };
}
