/**
 * Bytes of one NATS message → the observations it carries, each checked, with the reasons of those refused.
 * Everything here comes from a machine that we do not trust.
 */
import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type BatchClock, type Observation, type ObservationBatch, ObservationBatchSchema } from "@vedette/proto";
import { MAX_MS, MIN_MS } from "../store/time.ts";
import { checkObservation, type DecodedFacts } from "./check.ts";

export const MAX_BATCH_BYTES = 256 * 1024;
export const MAX_OBSERVATIONS = 500;
const MAX_SEQ = 2 ** 32 - 1;
const EPOCH = /^[0-9a-f]{32}$/;
const MAX_NAME = 64;

/** Epoch and seqs that the message's headers claim. */
export interface Claim {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

/** One observation that may be stored. */
export interface Accepted {
  readonly observation: Observation;
  /** SHA-256 over its encoded bytes as they came, hex. */
  readonly contentHash: string;
  readonly facts: DecodedFacts | null;
}

export interface Refused {
  readonly seq: number;
  readonly reason: string;
}

export interface Batch {
  readonly epoch: string;
  readonly epochCreatedMs: number;
  readonly agentVersion: string;
  readonly clock: BatchClock;
  readonly first: number;
  readonly last: number;
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Refused[];
}

/** The whole message is refused; the message is the reason in its receipt. */
export class BatchError extends Error {
  override readonly name = "BatchError";
}

/** Headers → claim; null where they do not say it. */
export function parseClaim(epoch: string, first: string, last: string): Claim | null {
  if (!EPOCH.test(epoch) || !/^\d{1,10}$/.test(first) || !/^\d{1,10}$/.test(last)) return null;
  const claim = { epoch, first: Number(first), last: Number(last) };
  return claim.first >= 1 && claim.first <= claim.last && claim.last <= MAX_SEQ ? claim : null;
}

/** The encoded bytes of each observation, as they stand in the message: hashes are never computed from a re-encoding. */
function slices(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === ObservationBatchSchema.field.observations.number && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}

function decode(bytes: Uint8Array): { batch: ObservationBatch; encoded: Uint8Array[] } {
  try {
    return { batch: fromBinary(ObservationBatchSchema, bytes), encoded: slices(bytes) };
  } catch (cause) {
    throw new BatchError("the message is not an ObservationBatch", { cause });
  }
}

function finite(field: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new BatchError(`${field} is out of range`);
}

function checkClock(clock: BatchClock | undefined): BatchClock {
  if (clock === undefined) throw new BatchError("clock is missing");
  finite("clock.wall_ms", clock.wallMs, MIN_MS, MAX_MS);
  finite("clock.monotonic_ms", clock.monotonicMs, 0, MAX_MS);
  if (clock.offsetMs !== undefined) finite("clock.offset_ms", clock.offsetMs, -MAX_MS, MAX_MS);
  if (clock.uncertaintyMs !== undefined) finite("clock.uncertainty_ms", clock.uncertaintyMs, 0, MAX_MS);
  if (clock.bootId.length > MAX_NAME) throw new BatchError("clock.boot_id is too long");
  return clock;
}

/** @throws BatchError where the message as a whole cannot be taken */
export function decodeBatch(bytes: Uint8Array, claim: Claim | null): Batch {
  if (bytes.length > MAX_BATCH_BYTES) throw new BatchError(`the message has ${bytes.length} bytes; at most ${MAX_BATCH_BYTES} are allowed`);
  const { batch, encoded } = decode(bytes);
  if (!EPOCH.test(batch.epoch)) throw new BatchError("epoch must be 32 lower-case hex digits");
  finite("epoch_created_ms", batch.epochCreatedMs, MIN_MS, MAX_MS);
  if (batch.agentVersion.length > MAX_NAME) throw new BatchError("agent_version is too long");
  const clock = checkClock(batch.clock);
  const count = batch.observations.length;
  if (count === 0) throw new BatchError("the batch is empty");
  if (count > MAX_OBSERVATIONS) throw new BatchError(`the batch has ${count} observations; at most ${MAX_OBSERVATIONS} are allowed`);
  const first = batch.observations[0]?.seq ?? 0;
  const last = first + count - 1;
  if (first < 1 || last > MAX_SEQ) throw new BatchError("seq is out of range");
  if (batch.observations.some((o, i) => o.seq !== first + i)) throw new BatchError("seq is not contiguous");
  if (claim !== null && (claim.epoch !== batch.epoch || claim.first !== first || claim.last !== last)) {
    throw new BatchError("headers and payload name different observations");
  }
  const accepted: Accepted[] = [];
  const refused: Refused[] = [];
  for (const [i, observation] of batch.observations.entries()) {
    const checked = checkObservation(observation, batch);
    if (checked.ok) {
      const contentHash = createHash("sha256")
        .update(encoded[i] ?? new Uint8Array())
        .digest("hex");
      accepted.push({ observation, contentHash, facts: checked.facts });
    } else {
      refused.push({ seq: observation.seq, reason: checked.reason });
    }
  }
  return {
    epoch: batch.epoch,
    epochCreatedMs: batch.epochCreatedMs,
    agentVersion: batch.agentVersion,
    clock,
    first,
    last,
    accepted,
    refused,
  };
}
