/** The level of a site: the lowest of its members, with the distribution beside it. Pure. */
import { ASPECTS, CLAUSES, type Status } from "@vedette/standard";
import type { Distribution, Grade, Membership, ReportedAssessment, SiteLevel } from "./types.ts";

export interface Judged {
  readonly membership: Membership;
  readonly assessment: ReportedAssessment;
}

/** null (nothing applies) says nothing about the others. */
function lowest(grades: readonly Grade[]): Grade {
  return grades.reduce<Grade>((low, g) => (g === null ? low : low === null || g < low ? g : low), null);
}

function distribution(grades: readonly Grade[]): Distribution {
  const counted = { "0": 0, "1": 0, "2": 0, "3": 0, none: 0 };
  for (const grade of grades) counted[grade ?? "none"]++;
  return counted;
}

function aspects(members: readonly Judged[]): SiteLevel["aspects"] {
  return Object.fromEntries(
    ASPECTS.flatMap((aspect) => {
      const own = members.flatMap(({ assessment }) => assessment.level.aspects[aspect] ?? []);
      return own.length === 0 ? [] : [[aspect, { proven: lowest(own.map((a) => a.proven)), possible: lowest(own.map((a) => a.possible)) }]];
    }),
  );
}

export function siteLevel(devices: readonly Judged[]): SiteLevel {
  const members = devices.filter((d) => d.membership === "in");
  const levels = members.map((m) => m.assessment.level);
  const blocking = new Set(levels.flatMap((l) => l.blocking));
  const counts: Record<Status, number> = { pass: 0, fail: 0, unknown: 0, notchecked: 0, notapplicable: 0, error: 0 };
  for (const { assessment } of members) for (const v of assessment.verdicts) counts[v.status]++;
  const beside: Record<Membership, number> = { in: 0, out: 0, environment: 0, undecided: 0 };
  for (const { membership } of devices) beside[membership]++;
  return {
    proven: lowest(levels.map((l) => l.proven)),
    possible: lowest(levels.map((l) => l.possible)),
    observable: {
      level: lowest(levels.map((l) => l.observable.level)),
      checked: levels.reduce((n, l) => n + l.observable.checked, 0),
      of: levels.reduce((n, l) => n + l.observable.of, 0),
    },
    blocking: CLAUSES.map((c) => c.id).filter((id) => blocking.has(id)),
    aspects: aspects(members),
    distribution: { proven: distribution(levels.map((l) => l.proven)), possible: distribution(levels.map((l) => l.possible)) },
    counts,
    devices: beside,
  };
}
