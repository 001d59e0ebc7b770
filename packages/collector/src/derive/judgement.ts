/** A judgement, kept so that it can be made again when what it rests on was confirmed since. */
import { type AssessInput, assess, type Verdict } from "@vedette/standard";
import { isSame } from "./canonical.ts";
import { coverageOf } from "./coverage.ts";
import { FRESH_INTERVALS, type Span } from "./span.ts";

export class Judgement {
  #input: AssessInput;
  /** Of each of the input's endpoints. */
  readonly spans: readonly Span[];
  /** Those of addresses, which coverage is made of. */
  readonly #placed: readonly Span[];
  readonly #verdicts: readonly Verdict[];
  #nextAt: number | null;

  constructor(input: AssessInput, spans: readonly Span[], placed: readonly Span[], verdicts: readonly Verdict[], nextAt: number | null) {
    this.#input = input;
    this.spans = spans;
    this.#placed = placed;
    this.#verdicts = verdicts;
    this.#nextAt = nextAt;
  }

  /**
   * Judges the same moment with what is known of it now.
   * @returns when time alone changes it, null never, ms; undefined where it now says something else
   */
  confirm(): number | null | undefined {
    if (this.#isOnlyLater()) return this.#nextAt;
    const endpoints = this.#input.endpoints.map((look, i) => {
      const { end, intervalMs } = this.spans[i] as Span;
      return { ...look, confirmedAt: end, intervalMs };
    });
    this.#input = { ...this.#input, endpoints, coverage: coverageOf(this.#placed) };
    const again = assess(this.#input);
    if (!isSame(again.verdicts, this.#verdicts)) return undefined;
    this.#nextAt = again.nextChangeAt !== null && again.nextChangeAt > this.#input.at ? again.nextChangeAt : null;
    return this.#nextAt;
  }

  /**
   * Whether all that was confirmed since held at the moment anyway, and ends later than what changes first. Looks at ports are left out: of
   * two of them the one confirmed last counts; and so is a moment at which anything had expired, since what is confirmed may stand in for it.
   */
  #isOnlyLater(): boolean {
    const { at, endpoints } = this.#input;
    return endpoints.every((look, i) => {
      const { end, intervalMs } = this.spans[i] as Span;
      const until = look.confirmedAt + FRESH_INTERVALS * look.intervalMs;
      if (until <= at) return false;
      if (end === look.confirmedAt && intervalMs === look.intervalMs) return true;
      const isLater = end + FRESH_INTERVALS * intervalMs >= until;
      return look.probe !== "tcp.connect" && isLater && (this.#nextAt === null || until > this.#nextAt);
    });
  }
}
