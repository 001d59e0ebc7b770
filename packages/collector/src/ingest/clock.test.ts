import { create } from "@bufbuild/protobuf";
import { type BatchClock, BatchClockSchema, bootMark, ObservationSchema } from "@vedette/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { correctionOf, epochBeginning } from "./clock.ts";

const T0 = Date.UTC(2026, 2, 3);
const DAY = 86_400_000;

function clock(more: Partial<BatchClock>): BatchClock {
  return create(BatchClockSchema, { wallMs: T0, monotonicMs: 1_000, bootId: "boot", uncertaintyMs: 3, ...more });
}

/** A machine booted at the true time `T0`, whose wall clock is wrong by each error from its time on. */
function machine(steps: readonly { afterMs: number; errorMs: number }[]) {
  const errorAt = (monotonicMs: number) => steps.findLast((s) => s.afterMs <= monotonicMs)?.errorMs ?? 0;
  return {
    look: (monotonicMs: number) =>
      create(ObservationSchema, { wallMs: T0 + monotonicMs + errorAt(monotonicMs), monotonicMs, boot: bootMark("boot") }),
    sending: (monotonicMs: number) =>
      clock({ wallMs: T0 + monotonicMs + errorAt(monotonicMs), monotonicMs, offsetMs: -errorAt(monotonicMs) }),
  };
}

describe("the time of a look", () => {
  it("is the true one, whatever steps the wall clock took before, between and after", () => {
    const step = fc.record({ afterMs: fc.nat(10 * DAY), errorMs: fc.integer({ min: -400 * DAY, max: 400 * DAY }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.nat(5 * DAY), fc.nat(5 * DAY), (steps, lookAt, later) => {
        const { look, sending } = machine(steps.toSorted((a, b) => a.afterMs - b.afterMs));
        const o = look(lookAt);
        const { offsetMs, uncertaintyMs } = correctionOf(sending(lookAt + later), o);
        // Less than a second is taken for drift.
        expect(Math.abs(o.wallMs + (offsetMs ?? 0) - (T0 + lookAt))).toBeLessThan(1_000);
        expect(uncertaintyMs).toBe(3);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is told without certainty where the machine has booted since, and by the offset alone where the agent does not tell its boot", () => {
    const o = create(ObservationSchema, { wallMs: T0 - DAY, monotonicMs: 500, boot: bootMark("another boot") });
    expect(correctionOf(clock({ offsetMs: 40 }), o)).toEqual({ offsetMs: 40, uncertaintyMs: null });
    const untold = create(ObservationSchema, { wallMs: T0 - DAY, monotonicMs: 500 });
    expect(correctionOf(clock({ offsetMs: 40 }), untold)).toEqual({ offsetMs: 40, uncertaintyMs: 3 });
    expect(correctionOf(clock({}), o)).toEqual({ offsetMs: null, uncertaintyMs: 3 });
  });
});

describe("the beginning of an epoch", () => {
  it("is not later than what was seen in it, though the clock was a day ahead when it began", () => {
    const { look, sending } = machine([
      { afterMs: 0, errorMs: DAY },
      { afterMs: 50_000, errorMs: 0 },
    ]);
    const batch = { epochCreatedMs: T0 + 9_000 + DAY, clock: sending(60_000), accepted: [{ observation: look(10_000) }] };
    expect(epochBeginning(batch, T0 + 60_000)).toBe(T0 + 10_000);
    expect(epochBeginning({ ...batch, accepted: [] }, T0 + 60_000)).toBe(T0 + 60_000);
  });
});
