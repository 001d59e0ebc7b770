/** Gap records: what of an epoch will not come, said by the outbox that cannot send it (facts of "agent.gap"). */
import { create } from "@bufbuild/protobuf";
import { AgentGapPostureSchema, AgentGapVolatileSchema, encodeFacts, GAP, Outcome, Tier } from "@vedette/proto";
import type { Draft, Rank } from "./outbox.ts";

/** `renumbered`: nothing is lost, it comes under a new epoch. `damaged`: of an unreadable file; what of it was not yet stored, nobody knows. */
export type GapReason = "size" | "age" | "disk-full" | "damaged" | "renumbered";

/** Ranges in one record: it must fit a batch with others. */
export const GAP_RANGES = 2000;

export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

export interface Gap {
  readonly reason: GapReason;
  /** "" where there are no ranges, or nobody knows of which epoch they are. */
  readonly epoch: string;
  readonly ranges: readonly SeqRange[];
  /** Observations lost, by rank. */
  readonly counts: readonly [number, number, number];
  /** Wall clock, ms. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** One observation that was given up. */
export interface Lost {
  readonly seq: number;
  readonly rank: Rank;
  readonly appendedMs: number;
}

/** Sorted seqs → ranges. */
export function rangesOf(seqs: Iterable<number>): SeqRange[] {
  const found: { first: number; last: number }[] = [];
  for (const seq of seqs) {
    const open = found.at(-1);
    if (open !== undefined && seq === open.last + 1) open.last = seq;
    else found.push({ first: seq, last: seq });
  }
  return found;
}

/** As many records as their ranges need. */
export function gapsOf(reason: GapReason, epoch: string, lost: readonly Lost[]): Gap[] {
  const sorted = lost.toSorted((a, b) => a.seq - b.seq);
  const ranges = rangesOf(sorted.map((l) => l.seq));
  const gaps: Gap[] = [];
  let at = 0;
  for (let r = 0; r < ranges.length; r += GAP_RANGES) {
    const own = ranges.slice(r, r + GAP_RANGES);
    const last = own.at(-1)?.last ?? 0;
    const counts: [number, number, number] = [0, 0, 0];
    let fromMs = Number.POSITIVE_INFINITY;
    let toMs = Number.NEGATIVE_INFINITY;
    for (let l = sorted[at]; l !== undefined && l.seq <= last; l = sorted[++at]) {
      counts[l.rank]++;
      fromMs = Math.min(fromMs, l.appendedMs);
      toMs = Math.max(toMs, l.appendedMs);
    }
    gaps.push({ reason, epoch, ranges: own, counts, fromMs, toMs });
  }
  return gaps;
}

/** Nothing is lost, but no observation will come under these seqs. */
export function gapsOfRanges(reason: GapReason, epoch: string, ranges: readonly SeqRange[]): Gap[] {
  return Array.from({ length: Math.ceil(ranges.length / GAP_RANGES) }, (_, i) => ({
    reason,
    epoch,
    ranges: ranges.slice(i * GAP_RANGES, (i + 1) * GAP_RANGES),
    counts: [0, 0, 0],
  }));
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
