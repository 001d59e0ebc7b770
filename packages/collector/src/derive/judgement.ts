/** A judgement, kept so that it can be made again when what it rests on was confirmed since. */
import { type AssessInput, assess, type Verdict } from "@vedette/standard";
import { canonical } from "./canonical.ts";
import { coverageOf } from "./coverage.ts";
import type { Span } from "./span.ts";

function textOf(verdicts: readonly Verdict[]): string {
  return canonical(verdicts.map((v) => [v.clause, v.status, v.basis, v.code, v.parameters, v.evidence, v.observedAt]));
}

export class Judgement {
  readonly #input: AssessInput;
  /** Of each of the input's endpoints. */
  readonly spans: readonly Span[];
  /** Those of addresses, which coverage is made of. */
  readonly #placed: readonly Span[];
  readonly #verdicts: readonly Verdict[];
  #text: string | null = null;

  constructor(input: AssessInput, spans: readonly Span[], placed: readonly Span[], verdicts: readonly Verdict[]) {
    this.#input = input;
    this.spans = spans;
    this.#placed = placed;
    this.#verdicts = verdicts;
  }

  /**
   * Judges the same moment with what is known of it now.
   * @returns when time alone changes it, null never, ms; undefined where it now says something else
   */
  confirm(): number | null | undefined {
    const endpoints = this.#input.endpoints.map((look, i) => {
      const { end, intervalMs } = this.spans[i] as Span;
      return { ...look, confirmedAt: end, intervalMs };
    });
    const again = assess({ ...this.#input, endpoints, coverage: coverageOf(this.#placed) });
    this.#text ??= textOf(this.#verdicts);
    if (textOf(again.verdicts) !== this.#text) return undefined;
    return again.nextChangeAt !== null && again.nextChangeAt > this.#input.at ? again.nextChangeAt : null;
  }
}
