/** The outbox of `vedette audit`: the same contract without a disk. */
import { randomBytes } from "node:crypto";
import type { Receipt } from "@vedette/proto";
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

export interface MemoryOutboxOptions {
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly maxBytes?: number;
  readonly seqLimit?: number;
}

interface Kept {
  readonly look: string;
  readonly bytes: Uint8Array;
  readonly appendedMs: number;
}

export function createMemoryOutbox(options: MemoryOutboxOptions): Outbox {
  const { now, maxBytes = Number.POSITIVE_INFINITY, seqLimit = SEQ_LIMIT } = options;
  let epoch: EpochStamp = { id: randomBytes(16).toString("hex"), createdMs: now() };
  let next = 1;
  let bytes = 0;
  let refused = 0;
  // Insertion order is seq order.
  let kept = new Map<number, Kept>();
  const told = new Map<string, Told>();

  function renewEpoch(): void {
    const to = { id: randomBytes(16).toString("hex"), createdMs: now() };
    const seqs = new Map([...kept.keys()].map((old, i) => [old, i + 1]));
    const moved = new Map<number, Kept>();
    for (const [old, k] of kept) {
      moved.set(seqs.get(old) ?? 0, { ...k, bytes: renumber(k.bytes, epoch.id, to.id, (s) => seqs.get(s)) });
    }
    kept = moved;
    bytes = [...kept.values()].reduce((sum, k) => sum + k.bytes.byteLength, 0);
    epoch = to;
    next = kept.size + 1;
    for (const [look, { base: _, ...rest }] of told) told.set(look, rest);
  }

  return {
    get epoch() {
      return epoch;
    },

    append(entries: readonly Entry[]): readonly number[] {
      if (next + entries.length - 1 > seqLimit) renewEpoch();
      const encoded = entries.map((e, i) => encodeDraft(e.draft, next + i));
      const added = encoded.reduce((sum, b) => sum + b.byteLength, 0);
      if (bytes + added > maxBytes) {
        refused += entries.length;
        throw new OutboxFullError(`the outbox is full: ${bytes} of ${maxBytes} bytes`);
      }
      return entries.map((e, i) => {
        const seq = next++;
        kept.set(seq, { look: e.look, bytes: encoded[i] ?? new Uint8Array(), appendedMs: now() });
        bytes += encoded[i]?.byteLength ?? 0;
        told.set(e.look, settle(e.told, epoch.id, seq));
        return seq;
      });
    },

    batch(afterSeq: number): OutboxBatch | undefined {
      const observations: Uint8Array[] = [];
      let first = 0;
      let last = 0;
      let size = 0;
      for (const [seq, k] of kept) {
        if (seq <= afterSeq) continue;
        size += k.bytes.byteLength + FRAME_BYTES;
        if (observations.length === BATCH_OBSERVATIONS || (observations.length > 0 && (seq !== last + 1 || size > BATCH_PAYLOAD_BYTES)))
          break;
        if (observations.length === 0) first = seq;
        last = seq;
        observations.push(k.bytes);
      }
      return observations.length === 0 ? undefined : { epoch, first, last, observations };
    },

    apply(receipt: Receipt): Applied {
      if (receipt.epoch !== epoch.id) return { removed: 0, needFacts: [], epochRenewed: false };
      const needFacts = new Set<string>();
      for (const seq of receipt.needFacts) {
        const look = kept.get(seq)?.look;
        if (look !== undefined) needFacts.add(look);
      }
      for (const look of needFacts) {
        const t = told.get(look);
        if (t === undefined) continue;
        const { base: _, ...rest } = t;
        told.set(look, rest);
      }
      let removed = 0;
      for (const range of [...receipt.stored, ...receipt.rejected.flatMap((r) => (r.range === undefined ? [] : [r.range]))]) {
        for (const [seq, k] of kept) {
          if (seq > range.last) break;
          if (seq < range.first) continue;
          kept.delete(seq);
          bytes -= k.bytes.byteLength;
          removed++;
        }
      }
      if (receipt.renewEpoch) renewEpoch();
      return { removed, needFacts: [...needFacts], epochRenewed: receipt.renewEpoch };
    },

    renewEpoch,
    told: (look) => told.get(look),
    allTold: () => [...told.entries()],
    forget(looks) {
      for (const look of looks) told.delete(look);
    },

    size(): OutboxSize {
      const oldest = kept.values().next().value;
      return { depth: kept.size, bytes, refused, ...(oldest === undefined ? {} : { oldestMs: oldest.appendedMs }) };
    },

    close() {},
  };
}
