/** The receipt of one batch: exactly its seqs, each stored or rejected. It names the message that it answers by the SHA-256 of its bytes. */
import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Range, ReceiptSchema, rangesOf } from "@vedette/proto";
import type { Batch, Claim, Refused } from "./decode.ts";

function byReason(refused: readonly Refused[]): { range: Range; reason: string }[] {
  const seqs = Map.groupBy(refused, (r) => r.reason);
  return [...seqs].flatMap(([reason, list]) => rangesOf(list.map((r) => r.seq)).map((range) => ({ range, reason })));
}

export interface StoredBatch {
  /** The bytes that came. */
  readonly message: Uint8Array;
  readonly batch: Batch;
  readonly needFacts: readonly number[];
  readonly renewEpoch: boolean;
}

function digestOf(message: Uint8Array): Uint8Array {
  return createHash("sha256").update(message).digest();
}

export function storedReceipt({ message, batch, needFacts, renewEpoch }: StoredBatch): Uint8Array {
  return toBinary(
    ReceiptSchema,
    create(ReceiptSchema, {
      epoch: batch.epoch,
      stored: rangesOf(batch.accepted.map((a) => a.observation.seq)),
      rejected: byReason(batch.refused),
      needFacts: [...needFacts],
      renewEpoch,
      message: digestOf(message),
    }),
  );
}

export function rejectedReceipt(message: Uint8Array, claim: Claim, reason: string): Uint8Array {
  const range = { first: claim.first, last: claim.last };
  return toBinary(ReceiptSchema, create(ReceiptSchema, { epoch: claim.epoch, rejected: [{ range, reason }], message: digestOf(message) }));
}
