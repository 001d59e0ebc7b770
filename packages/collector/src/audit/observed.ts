/** One round of observations that went through no broker and no store, in the form that deriving reads: checked and converted as ingest does. */
import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { type Observation, ObservationSchema } from "@vedette/proto";
import type { StoredObservation } from "../derive/types.ts";
import { checkObservation } from "../ingest/check.ts";
import type { Batch } from "../ingest/decode.ts";
import { toRow } from "../ingest/row.ts";
import { compactOf } from "../store/compact.ts";

export interface Round {
  readonly tenant: string;
  readonly site: string;
  readonly agent: string;
  /** 32 lower-case hex digits, and when it began, ms. */
  readonly epoch: { readonly id: string; readonly createdMs: number };
  readonly observations: readonly Observation[];
}

export interface StoredRound {
  readonly observations: readonly StoredObservation[];
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
}

/** Each counts as stored at the moment at which it was seen: the clock that looks and the clock that stores are one. */
export function storedRound(round: Round): StoredRound {
  const { tenant, site, agent, epoch } = round;
  const observations: StoredObservation[] = [];
  const refused: { seq: number; reason: string }[] = [];
  for (const observation of round.observations) {
    const checked = checkObservation(observation, { epoch: epoch.id });
    if (!checked.ok) {
      refused.push({ seq: observation.seq, reason: checked.reason });
      continue;
    }
    // The hash only tells doubles apart; what confirmations name is the hash of the posture's own bytes.
    const contentHash = createHash("sha256").update(toBinary(ObservationSchema, observation)).digest("hex");
    const batch = batchOf(round, observation);
    const row = toRow({ tenant, site, agent }, batch, { observation, contentHash, facts: checked.facts });
    observations.push(compactOf({ ...row, stored_at: row.wall_at }, epoch.createdMs));
  }
  return { observations, refused };
}

function batchOf({ epoch }: Round, o: Observation): Batch {
  return {
    epoch: epoch.id,
    epochCreatedMs: epoch.createdMs,
    agentVersion: "",
    clock: { $typeName: "vedette.v1.BatchClock", wallMs: o.wallMs, monotonicMs: o.monotonicMs, bootId: "" },
    first: o.seq,
    last: o.seq,
    accepted: [],
    refused: [],
  };
}
