/** How far the centre's clock is from ours, from the exchange that ReportStatus is (the four timestamps of RFC 5905, 8). */
import type { Offset } from "./forward.ts";

export interface Exchange {
  /** Our wall clock when the request left, ms. */
  readonly leftMs: number;
  /** Time until the answer came, by the monotonic clock, ms. */
  readonly roundTripMs: number;
  /** The centre's wall clock when the request came and when the answer left, ms. */
  readonly receivedMs: number;
  readonly sentMs: number;
}

/** Exchanges looked back over: a clock that steps is followed within two minutes. */
const KEPT = 8;

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
  const kept: Offset[] = [];
  return {
    add(exchange) {
      kept.push(measure(exchange));
      if (kept.length > KEPT) kept.shift();
    },
    offset: () =>
      kept.reduce<Offset | undefined>((best, o) => (best === undefined || o.uncertaintyMs <= best.uncertaintyMs ? o : best), undefined),
  };
}
