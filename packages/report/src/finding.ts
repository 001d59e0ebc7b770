/** What of a report is at or above a threshold (`--fail-on`). Pure. */
import { CLAUSES } from "@vedette/standard";
import type { AuditReport } from "./types.ts";

/** `level`: a clause that this level asks for fails. `clause`: this clause fails. */
export type Threshold = { readonly kind: "level"; readonly level: 1 | 2 | 3 } | { readonly kind: "clause"; readonly clause: string };

export interface Finding {
  /** Id of a device, or the BSSID of a BSS that belongs to none. */
  readonly subject: string;
  readonly clause: string;
}

const LOWEST = new Map(CLAUSES.map((c) => [c.id, Math.min(...c.levels)]));

function meets(clause: string, threshold: Threshold): boolean {
  return threshold.kind === "clause" ? clause === threshold.clause : (LOWEST.get(clause) ?? Number.POSITIVE_INFINITY) <= threshold.level;
}

/** Devices that are out are not judged by the site's measure; for a level, as in the site's own, only members count. */
export function findingsAt(report: AuditReport, threshold: Threshold): Finding[] {
  const judged = report.devices.filter(
    (d) => d.membership === "in" || (threshold.kind === "clause" && (d.membership === "environment" || d.membership === "undecided")),
  );
  const radios = threshold.kind === "clause" ? report.bss.filter((b) => b.device === null) : [];
  return [
    ...judged.map((d) => ({ subject: d.id, verdicts: d.assessment.verdicts })),
    ...radios.map((b) => ({ subject: b.bssid, verdicts: b.verdicts })),
  ].flatMap(({ subject, verdicts }) =>
    verdicts.filter((v) => v.status === "fail" && meets(v.clause, threshold)).map((v) => ({ subject, clause: v.clause })),
  );
}
