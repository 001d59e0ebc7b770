/** Verdicts -> levels. Never one number: what is proven, what is still possible, what the looks so far bear out, and what stands in the way. */
import { CLAUSES } from "./catalogue/ts-0014-1@2.ts";
import { ASPECTS, type Aspect, type Clause, type Level, type Status, type Verdict } from "./types.ts";

type Grade = 0 | 1 | 2 | 3;
const GRADES = [1, 2, 3] as const;
const CHECKED: ReadonlySet<Status> = new Set(["pass", "fail", "unknown"]);
const NOT_YET_FAILED: ReadonlySet<Status> = new Set(["pass", "unknown", "error", "notchecked"]);

interface Judged {
  readonly clause: Clause;
  /** Lowest level that asks for the clause. */
  readonly from: Grade;
  readonly status: Status;
}

/** Highest L such that every applicable clause of level <= L satisfies `good`; null where nothing applies. */
function reached(judged: readonly Judged[], good: (status: Status) => boolean): Grade | null {
  if (judged.length === 0) return null;
  let grade: Grade = 0;
  for (const next of GRADES) {
    if (!judged.every((j) => j.from > next || good(j.status))) break;
    grade = next;
  }
  return grade;
}

function lowest(grades: readonly (Grade | null)[]): Grade | null {
  const known = grades.filter((g) => g !== null);
  return known.length === 0 ? null : (Math.min(...known) as Grade);
}

/**
 * `observable` counts the network-decidable clauses (kinds N, P, F) that were checked: a look was made and gave pass, fail or unknown.
 * A clause without a verdict counts as not checked.
 */
export function level(verdicts: readonly Verdict[], clauses: readonly Clause[] = CLAUSES): Level {
  const statuses = new Map(verdicts.map((v) => [v.clause, v.status]));
  // What rests on a statement alone was not looked at.
  const stated = new Set(verdicts.filter((v) => v.basis === "attested").map((v) => v.clause));
  const applicable = clauses
    .map((clause): Judged => ({ clause, from: Math.min(...clause.levels) as Grade, status: statuses.get(clause.id) ?? "notchecked" }))
    .filter((j) => j.status !== "notapplicable");
  const aspects: Partial<Record<Aspect, { proven: Grade | null; possible: Grade | null }>> = {};
  for (const aspect of ASPECTS) {
    const own = applicable.filter((j) => j.clause.aspect === aspect);
    if (own.length === 0) continue;
    aspects[aspect] = { proven: reached(own, (s) => s === "pass"), possible: reached(own, (s) => NOT_YET_FAILED.has(s)) };
  }
  const proven = lowest(Object.values(aspects).map((a) => a.proven));
  const possible = lowest(Object.values(aspects).map((a) => a.possible));
  const network = applicable.filter((j) => j.clause.kind !== "A");
  const checked = network.filter((j) => CHECKED.has(j.status) && !stated.has(j.clause.id));
  const blocking = applicable.filter((j) => j.status !== "pass" && j.from <= (proven ?? 0) + 1).map((j) => j.clause.id);
  return {
    proven,
    possible,
    observable: { level: reached(checked, (s) => s !== "fail"), checked: checked.length, of: network.length },
    blocking,
    aspects,
  };
}
