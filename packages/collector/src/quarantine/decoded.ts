/** What can be read of a message in quarantine, and what ingest would say of it today. */
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { ObservationBatchSchema } from "@vedette/proto";
import { BatchError, type Claim, decodeBatch, MAX_BATCH_BYTES, type Refused } from "../ingest/decode.ts";
import type { Quarantined } from "../store/index.ts";

export interface Decoded {
  /** The batch in the JSON form of protobuf; null where the bytes are none. */
  readonly batch: unknown;
  /** Seqs that ingest would take now. */
  readonly accepted: readonly number[];
  readonly refused: readonly Refused[];
  /** Why the message as a whole would be refused now; null where it would not. */
  readonly problem: string | null;
}

/** Epoch and seqs that its headers claimed; null where they did not. */
export function claimOf(q: Pick<Quarantined, "epoch" | "first" | "last">): Claim | null {
  return q.epoch === "" ? null : { epoch: q.epoch, first: q.first, last: q.last };
}

function asJson(message: Uint8Array): unknown {
  if (message.length > MAX_BATCH_BYTES) return null;
  try {
    return toJson(ObservationBatchSchema, fromBinary(ObservationBatchSchema, message));
  } catch {
    // Whatever it is, it is no batch.
    return null;
  }
}

export function decodeQuarantined(q: Quarantined): Decoded {
  const batch = asJson(q.message);
  try {
    const { accepted, refused } = decodeBatch(q.message, claimOf(q));
    return { batch, accepted: accepted.map((a) => a.observation.seq), refused, problem: null };
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    return { batch, accepted: [], refused: [], problem: error.message };
  }
}
