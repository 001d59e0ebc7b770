/** How far the centre's clock is from ours, from the exchange that ReportStatus is (the four timestamps of RFC 5905, 8). */
import type { Offset } from "./encode-batch.ts";
import type { Clock } from "./probe/probe.ts";

export interface Exchange {
  /** Our wall clock when the request left, ms. */
  readonly leftMs: number;
  /** Time until the answer came, by the monotonic clock, ms. */
  readonly roundTripMs: number;
  /** The centre's wall clock when the request came and when the answer left, ms. */
  readonly receivedMs: number;
  readonly sentMs: number;
}

/** Exchanges looked back over: a clock that drifts is followed within two minutes. */
const KEPT = 8;
/** Two exchanges that contradict each other by more than their uncertainties and this lie on two sides of a step. */
const STEP_MS = 250;

export interface OffsetMeter {
  add(exchange: Exchange): void;
  /** Of the exchange with the shortest way; undefined before the first. */
  offset(): Offset | undefined;
}

function measure({ leftMs, roundTripMs, receivedMs, sentMs }: Exchange): Offset {
  const wayMs = Math.max(0, roundTripMs - Math.max(0, sentMs - receivedMs));
  return { offsetMs: receivedMs - leftMs - wayMs / 2, uncertaintyMs: wayMs / 2 };
}

export function createOffsetMeter(): OffsetMeter {
  let kept: Offset[] = [];
  return {
    add(exchange) {
      const measured = measure(exchange);
      const agrees = (o: Offset) => Math.abs(o.offsetMs - measured.offsetMs) <= o.uncertaintyMs + measured.uncertaintyMs + STEP_MS;
      // Of what was measured before a step nothing holds.
      if (!kept.every(agrees)) kept = [];
      kept = [...kept, measured].slice(-KEPT);
    },
    offset: () =>
      kept.reduce<Offset | undefined>((best, o) => (best === undefined || o.uncertaintyMs <= best.uncertaintyMs ? o : best), undefined),
  };
}

/**
 * The same while the wall clock steps: until the next exchange the monotonic clock tells by how much it did. A machine that slept looks as if
 * it had stepped, until that exchange.
 */
export function followSteps(meter: OffsetMeter, clock: Pick<Clock, "wall" | "monotonic">): OffsetMeter {
  const apart = () => clock.wall() - clock.monotonic();
  let apartMs = apart();
  return {
    add(exchange) {
      meter.add(exchange);
      apartMs = apart();
    },
    offset() {
      const measured = meter.offset();
      const steppedMs = apart() - apartMs;
      if (measured === undefined || Math.abs(steppedMs) < STEP_MS) return measured;
      return { ...measured, offsetMs: measured.offsetMs - steppedMs };
    },
  };
}
