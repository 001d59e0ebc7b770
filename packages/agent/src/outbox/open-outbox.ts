/** One open outbox file: durable at every append, bounded by size and age. What does not fit is given up by rank, and a gap record names it (gap.ts). */
import { randomBytes } from "node:crypto";
import type { Receipt } from "@vedette/proto";
import { encodeDraft } from "./encode.ts";
import { epochAt, epochNamed, openEpochs } from "./epoch.ts";
import { IN_MEMORY, keepEpochNames, type OpenedFile, openFile } from "./file.ts";
import { type Gap, gapDraft, gapsOf } from "./gap.ts";
import { type Given, openKept } from "./kept.ts";
import {
  type Applied,
  BATCH_OBSERVATIONS,
  BATCH_PAYLOAD_BYTES,
  type Entry,
  type EpochStamp,
  FRAME_BYTES,
  GAP_RANK,
  type Outbox,
  type OutboxBatch,
  OutboxFullError,
  type OutboxSize,
  RANK,
  type Rank,
  SEQ_LIMIT,
  type StoredRank,
} from "./outbox.ts";
import { NO_RESERVE, openReserve, type Reserve } from "./reserve.ts";
import { isFull } from "./sqlite-error.ts";
import { openTold } from "./told.ts";
import { openUntold } from "./untold.ts";

export interface OutboxOptions {
  readonly path: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Monotonic clock, ms; by default that of the machine since boot. */
  readonly monotonic?: () => number;
  /** What tells this start of the machine from others; a file that comes from another begins a new epoch. */
  readonly machine?: string;
  /** Cap of the file, bytes; its log and its reserve come on top, together at most 9 MiB. */
  readonly maxBytes?: number;
  /** Older observations are given up; time counts while an outbox is open. */
  readonly maxAgeMs?: number;
  readonly seqLimit?: number;
}

const DEFAULT_MAX_BYTES = 1024 ** 3;
const RESERVE_BYTES = 8 * 1024 ** 2;
/** Share of the cap that is given up at once, so that not every append has to make room. */
const STEP = 0.1;
const STEP_MIN_BYTES = 64 * 1024;
const STEP_MAX_BYTES = 16 * 1024 ** 2;
/** Pages that one append may need at the most. */
const APPEND_PAGES = 80;
const AGE_CHECK_MS = 60_000;
const VACUUM_PAGES = 1000;
const NOTHING: Applied = { removed: 0, needFacts: [], epochRenewed: false };
const sinceBoot = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * @param isReplacement the file before was no good and is out of the way
 * @throws SQLite's errors, isDamage() and isLogicError() of sqlite-error.ts among them
 */
export function openOutbox(options: OutboxOptions, isReplacement = false): Outbox {
  const { path, maxBytes = DEFAULT_MAX_BYTES, machine = "", now } = options;
  const freshEpoch = (): EpochStamp => ({ id: randomBytes(16).toString("hex"), createdMs: now() });
  const reserve = path === IN_MEMORY ? NO_RESERVE : openReserve(`${path}.reserve`, Math.min(RESERVE_BYTES, Math.floor(maxBytes / 8)));
  const place = { path, maxBytes, machine, isReplacement, freshEpoch };
  let opened: OpenedFile;
  try {
    opened = openFile(place);
  } catch (cause) {
    // Opening writes a little: on a full disk the reserve makes room for it.
    if (!isFull(cause) || !reserve.release()) throw cause;
    opened = openFile(place);
  }
  try {
    return outboxIn(opened, reserve, freshEpoch, options);
  } catch (cause) {
    opened.db.close();
    throw cause;
  }
}

function outboxIn(opened: OpenedFile, reserve: Reserve, freshEpoch: () => EpochStamp, options: OutboxOptions): Outbox {
  const { path, now, monotonic = sinceBoot, maxBytes = DEFAULT_MAX_BYTES, seqLimit = SEQ_LIMIT } = options;
  const { db } = opened;
  const kept = openKept(db);
  const told = openTold(db);
  const untold = openUntold(db);
  const stored = openEpochs(db);
  const sql = {
    setNext: db.prepare("UPDATE epoch SET next = ?, aged_ms = ?"),
    count: db.prepare("UPDATE epoch SET refused = refused + ?, dropped = dropped + ?"),
  };
  const head = db.prepare("SELECT next, base, refused, dropped, aged_ms FROM epoch").get() as Record<string, number>;
  const agedBefore = head["aged_ms"] ?? 0;
  let refused = head["refused"] ?? 0;
  const everything = kept.sum();
  /** As the file says it; goes back with it where a transaction fails. */
  const state = {
    epochs: stored.read(),
    nextPosition: (head["base"] ?? 0) + (head["next"] ?? 1),
    depth: everything.count,
    bytes: everything.size,
    dropped: head["dropped"] ?? 0,
    hasUntold: untold.gap() !== undefined,
    needsEpoch: opened.isCopy,
    lostEpochs: opened.lostEpochs,
  };
  const openedAt = monotonic();
  let ageCheckedAt = Number.NEGATIVE_INFINITY;
  /** Epochs named beside the file; 0 before they were. */
  let namesKept = 0;

  function current() {
    return epochAt(state.epochs, Number.MAX_SAFE_INTEGER);
  }

  const aged = () => agedBefore + monotonic() - openedAt;

  /** All or nothing. */
  function transaction<T>(work: () => T): T {
    const before = { ...state };
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      sql.setNext.run(state.nextPosition - current().base, aged());
      db.exec("COMMIT");
      return result;
    } catch (cause) {
      // SQLite has already rolled back by itself where the disk was full.
      if (db.isTransaction) db.exec("ROLLBACK");
      Object.assign(state, before);
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
        unlessFull("PRAGMA wal_checkpoint(TRUNCATE)");
      }
    }
  }

  /** What gives room back to the disk, and may itself need some: it is tried again another time. */
  function unlessFull(pragma: string): void {
    try {
      db.exec(pragma);
    } catch (cause) {
      if (!isFull(cause)) throw cause;
    }
  }

  function insert(rank: StoredRank, look: string, encoded: Uint8Array): void {
    kept.insert(rank, { position: state.nextPosition, look, bytes: encoded, appendedMs: now(), agedMs: aged() });
    state.nextPosition++;
    state.depth++;
    state.bytes += encoded.byteLength;
  }

  function tell(gaps: readonly Gap[]): void {
    for (const gap of gaps) insert(GAP_RANK, "", encodeDraft(gapDraft(gap, now(), monotonic()), state.nextPosition - current().base));
  }

  function giveUp(reason: "size" | "disk-full" | "age" | "damaged", given: readonly Given[]): number {
    if (given.length === 0) return 0;
    state.depth -= given.length;
    state.bytes -= given.reduce((sum, g) => sum + g.size, 0);
    state.dropped += given.length;
    sql.count.run(0, given.length);
    // Their looks tell their facts again: nothing may rest on a base that does not come.
    for (const { rank, look, position } of given) {
      const { id, base } = epochAt(state.epochs, position);
      if (rank === RANK.change) told.dropBaseAt(look, id, position - base);
    }
    tell(gapsOf(reason, state.epochs, given));
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
    if (reason === "disk-full") unlessFull("PRAGMA wal_checkpoint(TRUNCATE)");
    return given > 0;
  }

  function dropAged(): void {
    const { maxAgeMs } = options;
    const at = monotonic();
    if (maxAgeMs === undefined || at - ageCheckedAt < AGE_CHECK_MS) return;
    ageCheckedAt = at;
    freeing(() => giveUp("age", kept.giveUpAged(aged() - maxAgeMs)));
  }

  function beginEpoch(): void {
    const next = { ...freshEpoch(), base: state.nextPosition - 1 };
    state.epochs = stored.begin(state.epochs, next, opened.instance, kept.oldest()?.position);
    state.needsEpoch = false;
    told.dropBases();
  }

  /** What must stand before the next observation: an epoch of our own, and the record of a file that is lost. */
  function settle(observations: number): void {
    if (state.needsEpoch || state.nextPosition - current().base + observations - 1 > seqLimit) beginEpoch();
    const lost = state.lostEpochs;
    state.lostEpochs = [];
    for (const epoch of lost) stored.lose(epoch);
    const ranges = [{ first: 1, last: SEQ_LIMIT }];
    tell(lost.map((epoch) => ({ reason: "damaged", epoch, ranges: epoch === "" ? [] : ranges, counts: [0, 0, 0] })));
  }

  /** Epochs of which something is left, and the newest; that first. */
  function heldEpochs(): string[] {
    const oldest = kept.oldest()?.position;
    const held = oldest === undefined ? [current()] : state.epochs.slice(state.epochs.indexOf(epochAt(state.epochs, oldest)));
    return held.map((e) => e.id).toReversed();
  }

  /** Not before the loss of the epochs that still stand there is on record. */
  function keepNames(): void {
    if (state.lostEpochs.length > 0) return;
    const names = heldEpochs();
    keepEpochNames(path, names);
    namesKept = names.length;
  }

  function store(entries: readonly Entry[]): readonly number[] {
    const before = current().id;
    const seqs = transaction(() => {
      settle(entries.length);
      const { id, base } = current();
      const given = entries.map((e) => {
        const seq = state.nextPosition - base;
        insert(e.rank, e.look, encodeDraft(e.draft, seq));
        told.put(e.look, e.told, id, seq);
        return seq;
      });
      const gap = state.hasUntold ? untold.gap() : undefined;
      if (gap !== undefined) {
        tell([gap]);
        untold.clear();
        state.hasUntold = false;
      }
      return given;
    });
    if (current().id !== before || namesKept === 0) keepNames();
    return seqs;
  }

  function refuse(entries: readonly Entry[]): void {
    refused += entries.length;
    // The rows exist already, so that this needs no new page; where even its log finds no room, the count is this process's alone.
    freeing(() => {
      sql.count.run(entries.length, 0);
      for (const e of entries) untold.add(e.rank, now());
      state.hasUntold = true;
    });
  }

  /** The rows of one batch, and the position of a damaged one where that is the first. */
  function scan(after: number, only?: "changes"): { readonly batch?: OutboxBatch; readonly damaged?: number } {
    const observations: Uint8Array[] = [];
    let epoch = current();
    let end = after;
    let size = 0;
    for (const row of kept.after(after, BATCH_OBSERVATIONS, only)) {
      if (row.isDamaged) {
        if (observations.length === 0) return { damaged: row.position };
        break;
      }
      const own = epochAt(state.epochs, row.position);
      size += row.bytes.byteLength + FRAME_BYTES;
      if (observations.length > 0 && (row.position !== end + 1 || own !== epoch || size > BATCH_PAYLOAD_BYTES)) break;
      epoch = own;
      end = row.position;
      observations.push(row.bytes);
    }
    if (observations.length === 0) return {};
    const last = end - epoch.base;
    const stamp = { id: epoch.id, createdMs: epoch.createdMs };
    return { batch: { epoch: stamp, first: last - observations.length + 1, last, end, observations } };
  }

  function batchOf(after: number, only?: "changes"): OutboxBatch | undefined {
    for (let from = after; ; ) {
      const { batch, damaged } = scan(from, only);
      if (damaged === undefined) return batch;
      freeing(() => giveUp("damaged", kept.giveUpAt(damaged)));
      from = damaged;
    }
  }

  function applyInside(receipt: Receipt): Applied {
    const ours = epochNamed(state.epochs, receipt.epoch, state.nextPosition);
    if (ours === undefined) return NOTHING;
    const { epoch, last } = ours;
    const needFacts = new Set(receipt.needFacts.flatMap((seq) => kept.at(epoch.base + seq)?.look ?? []));
    for (const look of needFacts) told.dropBase(look);
    let removed = 0;
    for (const range of [...receipt.stored, ...receipt.rejected.flatMap((r) => r.range ?? [])]) {
      const gone = kept.remove(epoch.base + Math.max(1, range.first), Math.min(last, epoch.base + range.last));
      removed += gone.count;
      state.depth -= gone.count;
      state.bytes -= gone.size;
    }
    // An older epoch has ended already.
    const epochRenewed = receipt.renewEpoch && epoch === current();
    if (epochRenewed) beginEpoch();
    return { removed, needFacts: [...needFacts], epochRenewed };
  }

  freeing(() => settle(0));
  keepNames();

  return {
    get epoch() {
      const { id, createdMs } = current();
      return { id, createdMs };
    },
    get end() {
      return state.nextPosition - 1;
    },

    append(entries: readonly Entry[]): readonly number[] {
      dropAged();
      const upTo = Math.max(...entries.map((e) => e.rank)) as Rank;
      for (;;) {
        try {
          return store(entries);
        } catch (cause) {
          if (!isFull(cause)) throw cause;
          if (makeRoom(upTo)) continue;
          refuse(entries);
          throw new OutboxFullError(`the outbox ${path} is full: make room on the disk or raise outbox.maxMiB`, { cause });
        }
      }
    },

    batch: (after) => batchOf(after),
    changes: (after) => batchOf(after, "changes"),

    apply(receipt: Receipt): Applied {
      // A receipt that a full disk does not let us note comes again with its observations.
      const applied = freeing(() => applyInside(receipt)) ?? NOTHING;
      if (applied.epochRenewed || (applied.removed > 0 && namesKept > 1)) keepNames();
      if (applied.removed > 0) {
        // Draining is when pages become free; a bounded step keeps the file from staying at its largest.
        unlessFull(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
        reserve.restore();
      }
      return applied;
    },

    renewEpoch() {
      transaction(beginEpoch);
      keepNames();
    },
    told: told.get,
    allTold: told.all,
    forget(looks) {
      freeing(() => {
        for (const look of looks) told.forget(look);
      });
    },

    size(): OutboxSize {
      const { depth, bytes, dropped } = state;
      const oldestMs = kept.oldest()?.appendedMs;
      return { depth, bytes, refused, dropped, ...(oldestMs === undefined ? {} : { oldestMs }) };
    },

    close: () => db.close(),
  };
}
