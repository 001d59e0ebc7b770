/** When each vantage reported anything, as runs without a gap that would be a silence: a quiet year is one run. */
import type { SiteHistory } from "./history.ts";
import { SILENT_INTERVALS } from "./timeline.ts";

interface Run {
  readonly start: number;
  end: number;
}

export class LiveReports {
  readonly #runs = new Map<string, Run[]>();
  readonly #paces: Map<string, number>;

  constructor(history: Pick<SiteHistory, "reports" | "paces">) {
    this.#paces = new Map(history.paces);
    for (const [vantage, times] of history.reports) for (const at of times) this.add(vantage, at);
  }

  pace(vantage: string): number {
    return this.#paces.get(vantage) ?? Number.POSITIVE_INFINITY;
  }

  /** @param at not before any other of the vantage, ms */
  add(vantage: string, at: number): void {
    const runs = this.#runs.get(vantage);
    const last = runs?.at(-1);
    if (runs === undefined || last === undefined) this.#runs.set(vantage, [{ start: at, end: at }]);
    else if (at - last.end < SILENT_INTERVALS * this.pace(vantage)) last.end = at;
    else runs.push({ start: at, end: at });
  }

  /**
   * @returns last report of the vantage at or before `at`; within a run `at` itself, which stands for any time that is no silence
   */
  last(vantage: string, at: number): number {
    const run = this.#runs.get(vantage)?.findLast((r) => r.start <= at);
    return run === undefined ? Number.NEGATIVE_INFINITY : Math.min(run.end, at);
  }

  /** @returns first report of the vantage after `at`, which lies in a silence; null while that lasts */
  next(vantage: string, at: number): number | null {
    return this.#runs.get(vantage)?.find((r) => r.start > at)?.start ?? null;
  }
}
