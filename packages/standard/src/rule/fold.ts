/** Findings of all parts to one result: the worst of fail, error, unknown, notchecked, pass, with the part named. */
import type { ReasonCode } from "../reason/verdict.ts";
import type { AssessInput, EvidenceRef, Parameters, Status } from "../types.ts";
import type { Finding, Part, Rule, RuleResult } from "./rule.ts";
import { endpointOf, quote } from "./rule.ts";
import type { View } from "./view.ts";
import { freshUntil } from "./view.ts";

const WORST: readonly Finding["status"][] = ["fail", "error", "unknown", "notchecked", "pass", "absent"];
/** Enough for a reader to check; the rest is in the observations. */
const MAX_EVIDENCE = 32;

type Placed = Finding & { readonly part: string };

function codeOf(finding: Finding): ReasonCode | null {
  return "code" in finding ? finding.code : null;
}

/** Times in reasons are whole seconds, RFC 3339 UTC. */
export function timeText(ms: number): string {
  const date = new Date(Math.floor(ms / 1000) * 1000);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace(".000Z", "Z");
}

/** What had been seen and is too old to say anything now. Probes of one part stand in for each other at an endpoint. */
function expired(part: Part, view: View): Finding[] {
  return view.stale(part.probes).map((look) => ({
    status: "unknown" as const,
    code: "evidence-expired",
    parameters: { probe: look.probe, expiredAt: timeText(freshUntil(look)) },
    endpoint: endpointOf(look),
    evidence: [quote(look, { confirmedAt: timeText(look.confirmedAt), intervalMs: look.intervalMs })],
    observedAt: look.observedAt,
  }));
}

function findingsOf(part: Part, view: View, input: AssessInput): Placed[] {
  const place = (f: Finding): Placed => ({ ...f, part: part.name });
  if (part.probes.length === 0) return [place({ status: "notchecked", code: "part-without-probe" })];
  const judged = part.judge(view, input);
  const old = expired(part, view);
  // Where expired evidence is all there is, "never looked at" would be untrue.
  const kept = old.length > 0 ? judged.filter((f) => f.status !== "notchecked") : judged;
  const all = [...kept, ...old];
  return all.length === 0 ? [place({ status: "absent" })] : all.map(place);
}

function groupKey(f: Placed): string {
  return JSON.stringify([f.part, codeOf(f), f.parameters ?? {}]);
}

function evidenceOf(findings: readonly Placed[]): EvidenceRef[] {
  const byKey = new Map<string, EvidenceRef>();
  for (const ref of findings.flatMap((f) => f.evidence ?? [])) byKey.set(`${ref.id}|${JSON.stringify(ref.facts)}`, ref);
  return [...byKey.values()].slice(0, MAX_EVIDENCE);
}

function naturalOrder(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : a > b ? 1 : 0);
}

function endpointsOf(findings: readonly Placed[]): string[] {
  return [...new Set(findings.flatMap((f) => (f.endpoint === undefined ? [] : [f.endpoint])))].sort(naturalOrder);
}

function result(status: Status, code: ReasonCode, parameters: Parameters, cited: readonly Placed[]): RuleResult {
  const times = cited.flatMap((f) => (f.observedAt === undefined ? [] : [f.observedAt]));
  const observedAt = times.length === 0 ? null : status === "fail" ? Math.min(...times) : Math.max(...times);
  const evidence = evidenceOf(cited);
  return { status, basis: evidence.length === 0 ? "none" : "observed", code, parameters, evidence, observedAt };
}

/** Judges a rule on a view. Throws only where a rule itself is broken; assess.ts makes that an `error`. */
export function judge(rule: Rule, view: View, input: AssessInput): RuleResult {
  const settled = rule.before?.(view, input) ?? null;
  if (settled !== null) return settled;
  const all = rule.parts.flatMap((part) => findingsOf(part, view, input));
  const present = WORST.find((status) => all.some((f) => f.status === status)) ?? "absent";
  const worst = all.filter((f) => f.status === present);
  const first = worst[0];
  const code = first === undefined ? null : codeOf(first);
  if (present === "absent" || first === undefined) return result("unknown", rule.absentCode, {}, all);
  if (present === "pass" || code === null)
    return result("pass", rule.passCode, { ...first.parameters, endpoints: endpointsOf(worst) }, worst);
  const key = groupKey(first);
  const group = worst.filter((f) => groupKey(f) === key);
  const more = new Set(worst.map(groupKey)).size - 1;
  const parameters = { ...first.parameters, part: first.part, endpoints: endpointsOf(group), ...(more > 0 ? { more } : {}) };
  const folded = result(present, code, parameters, worst);
  const clean = present === "unknown" && worst.every((f) => "code" in f && rule.cleanCodes?.has(f.code));
  return clean ? { ...folded, clean } : folded;
}

/** A result that rests on no observation. */
export function bare(status: Status, code: ReasonCode, parameters: Parameters = {}): RuleResult {
  return { status, basis: "none", code, parameters, evidence: [], observedAt: null };
}
