/** Observations that a belief or an event cites are kept whole, for as long as the timeline lasts. */

import { toColumnTime } from "./column-time.ts";
import { observationId } from "./history.ts";
import type { BeliefRow, EventRow, EvidenceRow } from "./row.ts";
import type { StoredPresent } from "./stored.ts";
import type { StoredObservation } from "./types.ts";

/** By "agent/epoch/seq"; undefined where it is not at hand. */
export type ObservationLookup = (id: string) => StoredObservation | undefined;

interface Cited {
  readonly kind: string;
  readonly id: string;
}

/** An observation as the API shows it, but for the raw bytes, which whoever stores it may add. */
export function evidenceBody(o: StoredObservation): string {
  return JSON.stringify({
    id: observationId(o),
    probe: o.probe,
    probeVersion: o.probeVersion,
    tier: o.tier,
    agent: o.agent,
    subject: o.subject,
    outcome: o.outcome,
    fault: o.fault === null ? null : { ...o.fault, message: "" },
    facts: o.facts,
    evidence: [],
    observedAt: toColumnTime(Math.min(o.wallAt, o.storedAt)),
    storedAt: toColumnTime(o.storedAt),
  });
}

function citedBy(belief: readonly BeliefRow[], event: readonly EventRow[]): Set<string> {
  const refs = [
    ...belief.flatMap((b) => JSON.parse(b.evidence) as Cited[]),
    ...event.flatMap((e) => (JSON.parse(e.body) as { data: { evidence: Cited[] } }).data.evidence),
  ];
  return new Set(refs.filter((r) => r.kind === "observation").map((r) => r.id));
}

export function evidenceRows(
  stored: StoredPresent,
  belief: readonly BeliefRow[],
  event: readonly EventRow[],
  cx: { readonly tenant: string; readonly site: string; readonly observation: ObservationLookup },
): EvidenceRow[] {
  const out: EvidenceRow[] = [];
  for (const id of [...citedBy(belief, event)].sort()) {
    if (stored.evidence.has(id)) continue;
    const o = cx.observation(id);
    if (o !== undefined) out.push({ tenant: cx.tenant, site: cx.site, observation: id, body: evidenceBody(o) });
  }
  return out;
}
