/** How people's statements meet observations: what was seen wins, and says so. */

import { timeText } from "./rule/fold.ts";
import type { RuleResult } from "./rule/rule.ts";
import type { AssessInput, Attestation, Clause, EvidenceRef } from "./types.ts";

/** A penetration test report passes by itself, although the network can only prove a failure (I-7). */
const REPORT_SUFFICES: ReadonlySet<string> = new Set(["5.2.5.1"]);
/** The note under 5.4.2: a maker may meet these by another recognised standard, which the attestation names. */
const BY_ALTERNATIVE: ReadonlySet<string> = new Set(["5.4.2.2", "5.4.2.3", "5.4.2.4", "5.4.2.5", "5.4.2.6"]);

function covers(attestation: Attestation, clause: string): boolean {
  if (attestation.clauses.includes(clause)) return true;
  const alternative = attestation.standard !== undefined && attestation.standard !== "";
  return alternative && BY_ALTERNATIVE.has(clause) && attestation.clauses.some((c) => c === "5.4.2" || BY_ALTERNATIVE.has(c));
}

export interface Attested {
  /** The first valid one: callers put the narrowest target first. */
  readonly valid: Attestation | null;
  readonly changes: readonly number[];
}

export function attestedFor(clause: string, input: AssessInput): Attested {
  const own = input.attestations.filter((a) => covers(a, clause));
  return {
    valid: own.find((a) => a.validFrom <= input.at && input.at < a.expires) ?? null,
    changes: own.flatMap((a) => [a.validFrom, a.expires]),
  };
}

function reference(a: Attestation): EvidenceRef {
  const facts = { author: a.author, result: a.result, documentHash: a.documentHash, expires: timeText(a.expires) };
  return { kind: "attestation", id: a.id, facts: a.standard === undefined ? facts : { ...facts, standard: a.standard } };
}

/** Joins what was observed with the statement that holds now. */
export function withAttestation(clause: Clause, observed: RuleResult, attestation: Attestation | null): RuleResult {
  if (attestation === null || observed.status === "error") return observed;
  const evidence = [...observed.evidence, reference(attestation)];
  const named = { attestation: attestation.id, author: attestation.author };
  if (observed.status === "fail") {
    if (attestation.result === "fail") return observed;
    const parameters = { ...observed.parameters, ...named, observed: observed.code };
    return { ...observed, basis: "combined", code: "attestation-contradicted", parameters, evidence };
  }
  if (observed.status === "pass" || observed.status === "notapplicable") return observed;
  if (attestation.result !== "pass")
    return {
      ...observed,
      status: attestation.result,
      basis: "attested",
      code: `attested-${attestation.result}`,
      parameters: named,
      evidence: [reference(attestation)],
      observedAt: null,
    };
  if (clause.kind !== "N" || REPORT_SUFFICES.has(clause.id))
    return {
      status: "pass",
      basis: "attested",
      code: "attested-pass",
      parameters: named,
      evidence: [reference(attestation)],
      observedAt: null,
    };
  if (observed.clean === true)
    return {
      ...observed,
      status: "pass",
      basis: "combined",
      code: "attested-and-clean",
      parameters: { ...named, endpoints: observed.parameters["endpoints"] ?? [] },
      evidence,
    };
  return {
    ...observed,
    parameters: { ...observed.parameters, ...named, observed: observed.code },
    code: "attested-not-observed",
    evidence,
  };
}
