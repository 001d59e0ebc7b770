/** When things were at the site, from what an agent's clocks said at the look and when its batch was sent (docs/observation.md). */
import { type BatchClock, bootMark, type Observation } from "@vedette/proto";

/** Less than this between the wall and the monotonic clock is drift, ms; more is a step of the wall clock. */
const STEP_MS = 1_000;

export interface Correction {
  /** To be added to the wall clock of the look, ms; null: never measured. */
  readonly offsetMs: number | null;
  /** Null: nobody knows. */
  readonly uncertaintyMs: number | null;
}

/**
 * The offset is measured when a batch is sent. An observation of the same boot is led back to its look along the monotonic clock, so that
 * steps of the wall clock in between do not move it. Over a boot there is no such way: the offset is taken as it is, without certainty.
 */
export function correctionOf(
  { wallMs, monotonicMs, bootId, offsetMs, uncertaintyMs }: BatchClock,
  look: Pick<Observation, "wallMs" | "monotonicMs" | "boot">,
): Correction {
  if (offsetMs === undefined) return { offsetMs: null, uncertaintyMs: uncertaintyMs ?? null };
  if (look.boot === undefined) return { offsetMs, uncertaintyMs: uncertaintyMs ?? null };
  if (look.boot !== bootMark(bootId)) return { offsetMs, uncertaintyMs: null };
  const stepped = wallMs - look.wallMs - (monotonicMs - look.monotonicMs);
  return { offsetMs: Math.abs(stepped) < STEP_MS ? offsetMs : offsetMs + stepped, uncertaintyMs: uncertaintyMs ?? null };
}

/** When an epoch began, ms: by the offset of the batch that first tells of it, no later than what was seen in it nor than now. */
export function epochBeginning(
  batch: {
    readonly epochCreatedMs: number;
    readonly clock: BatchClock;
    readonly accepted: readonly { readonly observation: Observation }[];
  },
  now: number,
): number {
  const seen = batch.accepted.map(({ observation: o }) => o.wallMs + (correctionOf(batch.clock, o).offsetMs ?? 0));
  return Math.max(0, Math.min(batch.epochCreatedMs + (batch.clock.offsetMs ?? 0), now, ...seen));
}
