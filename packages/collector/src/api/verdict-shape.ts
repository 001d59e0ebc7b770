/** Beliefs as the API shows them: verdicts of one time, stretches of a timeline. Texts are made from code and parameters when shown. */
import { CLAUSES, level, reasonText, STANDARD, type Verdict as StandardVerdict } from "@vedette/standard";
import { at as holdingAt, joinNeighbours, type RecordedBelief, type Stretch } from "../store/index.ts";
import { iso, isoOrNull } from "./known-at.ts";
import type { Assessment, Level, TimelineItem, Verdict } from "./shape.ts";

/** Position of each clause in the standard. */
export const ORDER: ReadonlyMap<string, number> = new Map(CLAUSES.map((c, i) => [c.id, i]));

type Held = Stretch & { readonly status: StandardVerdict["status"] };

/** What is retracted is not held: reads drop it before. */
export function isHeld(s: Stretch): s is Held {
  return s.status !== "retracted";
}

export function verdictShape(s: Held): Verdict {
  return {
    clause: s.clause,
    status: s.status,
    basis: s.basis,
    code: s.code,
    parameters: { ...s.parameters },
    reason: reasonText(s.code, s.parameters),
    evidence: s.evidence.map((e) => ({ kind: e.kind, id: e.id, facts: { ...e.facts } })),
    since: iso(s.from),
    observedAt: isoOrNull(s.observedAt),
    recordedAt: iso(s.recordedAt),
  };
}

export function timelineShape(s: Held): TimelineItem {
  return {
    clause: s.clause,
    status: s.status,
    from: iso(s.from),
    to: isoOrNull(s.to),
    code: s.code,
    reason: reasonText(s.code, s.parameters),
    cause: s.cause,
    observedAt: isoOrNull(s.observedAt),
    recordedAt: iso(s.recordedAt),
  };
}

/** The level that these verdicts give. */
export function levelShape(held: readonly Held[]): Level {
  const { aspects, blocking, ...rest } = level(held.map((s): StandardVerdict => ({ ...s, status: s.status })));
  return {
    ...rest,
    blocking: [...blocking],
    aspects: Object.fromEntries(Object.entries(aspects).map(([aspect, grades]) => [aspect, { ...grades }])),
  };
}

/**
 * The verdicts of one device that hold at a time.
 * @param beliefs of the device as known at `knownAt`, by clause and time
 * @returns null where it was not known at that time
 */
export function assessmentShape(device: string, at: number, knownAt: number, beliefs: readonly RecordedBelief[]): Assessment | null {
  const held = holdingAt(joinNeighbours(beliefs), at)
    .filter(isHeld)
    .sort((a, b) => (ORDER.get(a.clause) ?? 999) - (ORDER.get(b.clause) ?? 999));
  if (held.length === 0) return null;
  return { device, at: iso(at), knownAt: iso(knownAt), catalogue: STANDARD.id, level: levelShape(held), verdicts: held.map(verdictShape) };
}
