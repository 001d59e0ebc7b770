/** The one judgement of the product: what was looked at, decided and attested -> 54 verdicts. Pure. */
import { attestedFor, withAttestation } from "./attest.ts";
import { CLAUSES } from "./catalogue/ts-0014-1@2.ts";
import { bare, judge } from "./rule/fold.ts";
import { RULES } from "./rule/index.ts";
import type { RuleResult } from "./rule/rule.ts";
import { undecided } from "./rule/undecided.ts";
import { type View, viewOf } from "./rule/view.ts";
import type { AssessInput, Assessment, Clause, Verdict } from "./types.ts";

/** Bump the last number when any rule's meaning changes. */
export const RULES_VERSION = "ts-0014-1@2/2";
/** Version of the answer that clauses without a rule give. */
const UNDECIDED_VERSION = 1;

function observe(clause: Clause, view: View, input: AssessInput): RuleResult {
  const rule = RULES.get(clause.id);
  try {
    return rule === undefined ? undecided(clause, view, input) : judge(rule, view, input);
  } catch (error) {
    // Our own check broke: that is no statement about the device.
    return bare("error", "rule-broke", { rule: clause.id, error: error instanceof Error ? error.name : "unknown" });
  }
}

/**
 * Judges one device at `input.at`. Never throws for an input of the published schema.
 * `nextChangeAt` is the earliest later time at which evidence, a certificate, an attestation or an accepted risk ends.
 */
export function assess(input: AssessInput): Assessment {
  const view = viewOf(input);
  const changes = view.changes;
  for (const risk of input.acceptedRisks) changes.add(risk.expires);
  const verdicts = CLAUSES.map((clause): Verdict => {
    const attested = attestedFor(clause.id, input);
    for (const time of attested.changes) changes.add(time);
    const { clean: _clean, ...result } = withAttestation(clause, observe(clause, view, input), attested.valid);
    return { clause: clause.id, ...result, ruleVersion: RULES.get(clause.id)?.version ?? UNDECIDED_VERSION };
  });
  let nextChangeAt: number | null = null;
  for (const time of changes) if (time > input.at && (nextChangeAt === null || time < nextChangeAt)) nextChangeAt = time;
  return { verdicts, nextChangeAt };
}
