/** Beliefs as the API shows them: verdicts of one time, stretches of a timeline. Texts are made from code and parameters when shown. */
import { level, reasonText, type Verdict as StandardVerdict } from "@vedette/standard";
import type { Stretch } from "../store/index.ts";
import { iso, isoOrNull } from "./known-at.ts";
import type { Level, TimelineItem, Verdict } from "./shape.ts";

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
