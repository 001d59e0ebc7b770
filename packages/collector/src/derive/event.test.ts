import { expect, test } from "vitest";
import { NO_DECISIONS, Recorder, sha256, siteInput, T0 } from "../../test/derive/recorder.ts";
import { difference } from "./difference.ts";
import { deriveSite } from "./site.ts";
import { applyRows, knownOf, NOTHING_STORED, type StoredPresent } from "./stored.ts";
import type { StoredObservation } from "./types.ts";

/** What is told beyond what is stored, and what is stored then. */
function tell(observations: readonly StoredObservation[], stored: StoredPresent, at: number) {
  const present = deriveSite(siteInput(observations, { decisions: NO_DECISIONS, known: knownOf(stored) }), at, { hash: sha256 });
  const rows = difference(stored, present, { tenant: "t", site: "s", at, hash: sha256, observation: () => undefined });
  return { told: rows.event, stored: applyRows(stored, rows, at) };
}

test("two changes at one moment are told once each, whichever is heard of first", () => {
  const r = new Recorder();
  const facts = (changes: number) => ({ reason: "disk-full", epoch: "e", ranges: [], confirmations: 0, outcomes: 0, changes });
  const gap = (n: number): StoredObservation => {
    const told = r.tell(60_000, { probe: "agent.gap", address: "", facts: facts(n) });
    return { ...told, subject: { kind: "site" } };
  };
  const [one, other] = [gap(1), gap(2)];
  for (const [first, later] of [
    [one, other],
    [other, one],
  ] as const) {
    const before = tell([first], NOTHING_STORED, T0 + 70_000);
    const after = tell([first, later], before.stored, T0 + 80_000);
    expect([before.told.length, after.told.length]).toEqual([1, 1]);
    expect(after.told[0]?.id).not.toBe(before.told[0]?.id);
    expect(after.told[0]?.revises).toEqual([]);
    expect(tell([first, later], after.stored, T0 + 90_000).told).toEqual([]);
  }
});
