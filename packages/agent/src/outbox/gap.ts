/** Gap records: what of an epoch will not come, said by the outbox that cannot send it (facts of "agent.gap"). */
import { create } from "@bufbuild/protobuf";
import { AgentGapPostureSchema, AgentGapVolatileSchema, encodeFacts, GAP, Outcome, type Range, rangesOf, Tier } from "@vedette/proto";
import { type EpochSpan, epochAt } from "./epoch.ts";
import type { Given } from "./kept.ts";
import { type Draft, GAP_RANK } from "./outbox.ts";

/** `damaged`: unreadable, or the whole file is; what of it was not yet stored will not come. */
export type GapReason = "size" | "age" | "disk-full" | "damaged";

/** Ranges in one record: it must fit a batch with others. */
const GAP_RANGES = 2000;

export interface Gap {
  readonly reason: GapReason;
  /** "" where there are no ranges, or nobody knows of which epoch they are. */
  readonly epoch: string;
  /** Of seqs. */
  readonly ranges: readonly Range[];
  /** Observations lost, by rank. */
  readonly counts: readonly [number, number, number];
  /** Wall clock, ms. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** @param given of one epoch, sorted */
function gapsOfEpoch(reason: GapReason, { id, base }: EpochSpan, given: readonly Given[]): Gap[] {
  const ranges = rangesOf(given.map((g) => g.position - base));
  const gaps: Gap[] = [];
  let at = 0;
  for (let r = 0; r < ranges.length; r += GAP_RANGES) {
    const own = ranges.slice(r, r + GAP_RANGES);
    const last = own.at(-1)?.last ?? 0;
    const counts: [number, number, number] = [0, 0, 0];
    let fromMs = Number.POSITIVE_INFINITY;
    let toMs = Number.NEGATIVE_INFINITY;
    for (let g = given[at]; g !== undefined && g.position - base <= last; g = given[++at]) {
      // A gap record is no observation that was lost; its seq is named all the same.
      if (g.rank !== GAP_RANK) counts[g.rank]++;
      fromMs = Math.min(fromMs, g.appendedMs);
      toMs = Math.max(toMs, g.appendedMs);
    }
    gaps.push({ reason, epoch: id, ranges: own, counts, fromMs, toMs });
  }
  return gaps;
}

/** As many records as their epochs and ranges need. */
export function gapsOf(reason: GapReason, epochs: readonly EpochSpan[], given: readonly Given[]): Gap[] {
  const sorted = given.toSorted((a, b) => a.position - b.position);
  return [...Map.groupBy(sorted, (g) => epochAt(epochs, g.position))].flatMap(([epoch, own]) => gapsOfEpoch(reason, epoch, own));
}

export function gapDraft(gap: Gap, wallMs: number, monotonicMs: number): Draft {
  const [confirmations, outcomes, changes] = gap.counts;
  const posture = create(AgentGapPostureSchema, {
    reason: gap.reason,
    epoch: gap.epoch,
    ranges: [...gap.ranges],
    confirmations,
    outcomes,
    changes,
    ...(gap.fromMs === undefined ? {} : { fromWallMs: gap.fromMs }),
    ...(gap.toMs === undefined ? {} : { toWallMs: gap.toMs }),
  });
  return {
    probe: GAP,
    probeVersion: 1,
    tier: Tier.PASSIVE,
    subject: { kind: { case: "site", value: {} } },
    interface: "",
    wallMs,
    monotonicMs,
    outcome: Outcome.IDENTIFIED,
    body: { case: "facts", value: encodeFacts(GAP, posture, create(AgentGapVolatileSchema)) },
  };
}
