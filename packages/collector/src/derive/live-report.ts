/** When each vantage reported anything, as runs without a gap that would be a silence: a quiet year is one run. */
import type { SiteHistory } from "./history.ts";
import { SILENT_INTERVALS } from "./timeline.ts";
import type { Silence } from "./timeline-types.ts";

/** Nothing for this many of the intervals at which it promised to say that it runs: the agent is silent. */
const BROKEN_PROMISES = 3;

interface Run {
  readonly start: number;
  end: number;
  /** Interval of the promise that held at its end, ms; undefined where there was none. */
  promised: number | undefined;
}

export class LiveReports {
  readonly #runs = new Map<string, Run[]>();
  readonly #paces: Map<string, number>;

  /** @param until reports after it are left out, ms */
  constructor(history: Pick<SiteHistory, "reports" | "paces" | "promises">, until = Number.POSITIVE_INFINITY) {
    this.#paces = new Map(history.paces);
    for (const [vantage, times] of history.reports) {
      const promises = history.promises.get(vantage) ?? [];
      let made = 0;
      for (const at of times) {
        if (at > until) break;
        while ((promises[made]?.at ?? Number.POSITIVE_INFINITY) <= at) made++;
        this.add(vantage, at, promises[made - 1]?.intervalMs);
      }
    }
  }

  pace(vantage: string): number {
    return this.#paces.get(vantage) ?? Number.POSITIVE_INFINITY;
  }

  /**
   * @param at not before any other of the vantage, ms
   * @param promised interval at which it says that it runs, ms; undefined: as before
   */
  add(vantage: string, at: number, promised?: number): void {
    const runs = this.#runs.get(vantage);
    const last = runs?.at(-1);
    if (runs === undefined || last === undefined) {
      this.#runs.set(vantage, [{ start: at, end: at, promised }]);
    } else if (at - last.end < SILENT_INTERVALS * this.pace(vantage)) {
      last.end = at;
      last.promised = promised ?? last.promised;
    } else {
      runs.push({ start: at, end: at, promised: promised ?? last.promised });
    }
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

  /** Of agents that broke their promises by `at`. */
  silences(at: number): Silence[] {
    return this.#ends().filter((s) => s.at <= at);
  }

  /** When the next agent has broken its promises, if nothing is heard of it until then; null where nobody promised anything. */
  nextSilenceAfter(at: number): number | null {
    const later = this.#ends().flatMap((s) => (s.at > at ? [s.at] : []));
    return later.length === 0 ? null : Math.min(...later);
  }

  /** Ends of runs that become silences unless more comes. */
  #ends(): Silence[] {
    return [...this.#runs].flatMap(([vantage, runs]) =>
      runs.flatMap(({ end, promised }, i) => {
        if (promised === undefined) return [];
        const at = end + BROKEN_PROMISES * promised;
        // Whoever is heard in that very moment has kept his word.
        return at >= (runs[i + 1]?.start ?? Number.POSITIVE_INFINITY) ? [] : [{ vantage, since: end, at }];
      }),
    );
  }
}
