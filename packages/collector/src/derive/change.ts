/** What of a present is worth an event: verdicts that changed and occurrences, each with the topic that a later revision shares. */
import { CLAUSES, type EvidenceRef, eventText, type Parameters, type Status, type Text, transitionText } from "@vedette/standard";
import { compareText } from "./canonical.ts";
import type { Belief, Occurrence, SitePresent } from "./types.ts";

export interface Told {
  readonly device: string;
  readonly kind: "drift" | "transition" | "exposure" | "device" | "agent";
  readonly change: string;
  readonly clause: string | null;
  readonly at: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly code: string;
  readonly parameters: Parameters;
  readonly severity: Occurrence["severity"];
  readonly evidence: readonly EvidenceRef[];
  readonly reason: Text;
  /** What it tells of, without the device. */
  readonly topic: string;
}

/** How bad each status is; equal ones are no change for the worse. */
const RANK: Readonly<Record<Status, number>> = { pass: 0, notapplicable: 0, notchecked: 1, unknown: 2, error: 2, fail: 3 };
const SEVERITY_OF_LEVEL: Readonly<Record<number, Occurrence["severity"]>> = { 1: "high", 2: "medium", 3: "low" };
const LEVELS: ReadonlyMap<string, number> = new Map(CLAUSES.map((c) => [c.id, Math.min(...c.levels)]));

function severityOf(clause: string, to: Status, worse: boolean): Occurrence["severity"] {
  if (!worse) return "info";
  return to === "fail" ? (SEVERITY_OF_LEVEL[LEVELS.get(clause) ?? 3] ?? "low") : "low";
}

function verdictChange(before: Belief, now: Belief): Told {
  const from = before.status as Status;
  const to = now.status as Status;
  const worse = RANK[to] > RANK[from];
  return {
    device: now.device,
    kind: worse ? "drift" : "transition",
    change: "verdict-changed",
    clause: now.clause,
    at: now.from,
    from,
    to,
    code: now.code,
    parameters: now.parameters,
    severity: severityOf(now.clause, to, worse),
    evidence: now.evidence,
    reason: transitionText(now.clause, from, to, now.code, now.parameters),
    topic: `verdict|${now.clause}`,
  };
}

/** Only a status that differs from the last one told is a change; what belongs to the first assessment is none. */
function verdictChanges(beliefs: readonly Belief[]): Told[] {
  const byClause = new Map<string, Belief[]>();
  for (const b of beliefs) {
    const key = `${b.device}|${b.clause}`;
    const list = byClause.get(key);
    if (list === undefined) byClause.set(key, [b]);
    else list.push(b);
  }
  const out: Told[] = [];
  for (const list of byClause.values()) {
    list.sort((a, b) => a.from - b.from);
    let told: Belief | null = null;
    for (const belief of list) {
      if (belief.unannounced === true) continue;
      if (told !== null && told.status !== belief.status && !belief.initial) out.push(verdictChange(told, belief));
      told = belief;
    }
  }
  return out;
}

/** What sets several occurrences of one kind on one device apart. */
function subjectOf(o: Occurrence): string {
  const subject = o.parameters["endpoint"] ?? o.parameters["agent"] ?? o.parameters["probe"] ?? "";
  return typeof subject === "string" ? subject : "";
}

function occurrenceChange(o: Occurrence): Told {
  const { device, kind, change, at, from, to, code, parameters, severity, evidence } = o;
  const reason = eventText(code, parameters);
  return {
    device,
    kind,
    change,
    clause: null,
    at,
    from,
    to,
    code,
    parameters,
    severity,
    evidence,
    reason,
    topic: `${change}|${subjectOf(o)}`,
  };
}

export function changesOf(present: SitePresent): Told[] {
  const happened = present.occurrences.filter((o) => !o.initial || o.change === "device-appeared").map(occurrenceChange);
  return [...verdictChanges(present.beliefs), ...happened].sort(
    (a, b) => a.at - b.at || compareText(a.topic, b.topic) || compareText(a.device, b.device),
  );
}
