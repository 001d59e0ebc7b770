/** Stretches of verdicts -> lanes: one an aspect, which opens to one a clause. Pure. */
import type { Aspect, Status, TimelineItem } from "@vedette/collector/api";
import type { Clause } from "../../query.ts";
import { STATUSES } from "../../ui/status.ts";

export interface Segment {
  /** ms since 1970 */
  readonly from: number;
  /** null: lasts still. */
  readonly to: number | null;
  readonly status: Status;
  /** Some clauses of the aspect were not checked meanwhile: what is drawn holds for the others. */
  readonly partly: boolean;
  /** The stretch that decides: of the lane's clause, or of the worst one of the aspect. */
  readonly decisive: TimelineItem;
}

export interface Lane {
  readonly key: string;
  readonly aspect: Aspect;
  /** null: the whole aspect. */
  readonly clause: string | null;
  /** Ordered, without overlap. */
  readonly segments: readonly Segment[];
}

export const ASPECTS: readonly Aspect[] = ["physical", "system", "communication", "authentication", "privacy"];

function endOf(item: TimelineItem): number | null {
  return item.to === null ? null : Date.parse(item.to);
}

function clauseSegments(items: readonly TimelineItem[]): Segment[] {
  return items
    .map((item) => ({ from: Date.parse(item.from), to: endOf(item), status: item.status, partly: false, decisive: item }))
    .toSorted((a, b) => a.from - b.from);
}

/** What an aspect shows: what was looked at counts before what was not; of that the worst. */
function worst(held: readonly Segment[]): Segment | undefined {
  const rank = (s: Segment) => (s.status === "notchecked" || s.status === "notapplicable" ? 10 : 0) + STATUSES.indexOf(s.status);
  return held.reduce<Segment | undefined>((low, s) => (low === undefined || rank(s) < rank(low) ? s : low), undefined);
}

/** The stretches of an aspect's clauses on top of each other. */
export function merged(clauses: readonly (readonly Segment[])[]): Segment[] {
  const bounds = [...new Set(clauses.flat().flatMap((s) => (s.to === null ? [s.from] : [s.from, s.to])))].sort((a, b) => a - b);
  const next = clauses.map(() => 0);
  const out: Segment[] = [];
  bounds.forEach((from, i) => {
    const to = bounds[i + 1] ?? null;
    const held: Segment[] = [];
    clauses.forEach((segments, c) => {
      // Ordered stretches: each is left behind once.
      for (let s = segments[next[c] ?? 0]; s !== undefined && s.to !== null && s.to <= from; s = segments[next[c] ?? 0])
        next[c] = (next[c] ?? 0) + 1;
      const current = segments[next[c] ?? 0];
      if (current !== undefined && current.from <= from) held.push(current);
    });
    const decisive = worst(held);
    if (decisive === undefined) return;
    // A failure stands whatever was not looked at; a pass must not be taken for that of the whole aspect.
    const partly = decisive.status === "pass" && held.some((s) => s.status === "notchecked");
    const last = out.at(-1);
    if (last?.to === from && last.status === decisive.status && last.partly === partly && last.decisive === decisive.decisive) {
      out[out.length - 1] = { ...last, to };
    } else out.push({ from, to, status: decisive.status, partly, decisive: decisive.decisive });
  });
  return out;
}

export function lanesOf(items: readonly TimelineItem[], clauses: readonly Clause[], open: ReadonlySet<Aspect>): Lane[] {
  const byClause = Map.groupBy(items, (i) => i.clause);
  return ASPECTS.flatMap((aspect): Lane[] => {
    const own = clauses
      .filter((c) => c.aspect === aspect)
      .map((c): Lane => ({ key: c.id, aspect, clause: c.id, segments: clauseSegments(byClause.get(c.id) ?? []) }))
      .filter((lane) => lane.segments.length > 0);
    if (own.length === 0) return [];
    const whole: Lane = { key: aspect, aspect, clause: null, segments: merged(own.map((l) => l.segments)) };
    return open.has(aspect) ? [whole, ...own] : [whole];
  });
}

/** Times at which a verdict changed, ms, ordered, each once. */
export function changesOf(items: readonly TimelineItem[]): number[] {
  return [...new Set(items.map((i) => Date.parse(i.from)))].sort((a, b) => a - b);
}
