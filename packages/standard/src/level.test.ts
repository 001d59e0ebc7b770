import { expect, test } from "vitest";
import { CLAUSES } from "./catalogue/ts-0014-1@2.ts";
import { level } from "./level.ts";
import type { Basis, Status, Verdict } from "./types.ts";

function verdicts(of: (id: string) => Status, basis: Basis = "observed"): Verdict[] {
  return CLAUSES.map((c) => ({
    clause: c.id,
    status: of(c.id),
    basis,
    code: "x",
    parameters: {},
    evidence: [],
    observedAt: null,
    ruleVersion: 1,
  }));
}

const lowestLevel = new Map(CLAUSES.map((c) => [c.id, Math.min(...c.levels)]));

test("all pass: level 3 everywhere, nothing blocks", () => {
  const l = level(verdicts(() => "pass"));
  expect(l).toMatchObject({ proven: 3, possible: 3, observable: { level: 3 }, blocking: [] });
  expect(Object.keys(l.aspects)).toEqual(["physical", "system", "communication", "authentication", "privacy"]);
});

test("nothing applies: null", () => {
  expect(level(verdicts(() => "notapplicable"))).toEqual({
    proven: null,
    possible: null,
    observable: { level: null, checked: 0, of: 0 },
    blocking: [],
    aspects: {},
  });
});

test("nothing checked: proven 0, possible 3, observable null with 0 of 38", () => {
  const l = level(verdicts(() => "notchecked"));
  expect(l).toMatchObject({
    proven: 0,
    possible: 3,
    observable: { level: null, checked: 0, of: CLAUSES.filter((c) => c.kind !== "A").length },
  });
  expect(l.blocking).toEqual(CLAUSES.filter((c) => lowestLevel.get(c.id) === 1).map((c) => c.id));
});

test.each(["unknown", "error", "notchecked"] as const)("%s counts as possible, not as proven", (status) => {
  const l = level(verdicts((id) => (id === "5.3.1.2" ? status : "pass")));
  expect(l).toMatchObject({ proven: 1, possible: 3, blocking: ["5.3.1.2"] });
  expect(l.aspects.communication).toEqual({ proven: 1, possible: 3 });
  expect(l.aspects.system).toEqual({ proven: 3, possible: 3 });
});

test("a fail bounds all three", () => {
  const l = level(verdicts((id) => (id === "5.3.1.3" ? "fail" : "pass")));
  expect(l).toMatchObject({ proven: 2, possible: 2, observable: { level: 2 }, blocking: ["5.3.1.3"] });
  expect(level(verdicts((id) => (id === "5.3.1.1" ? "fail" : "pass")))).toMatchObject({ proven: 0, possible: 0, observable: { level: 0 } });
});

test("a fail of an A clause bounds proven and possible, but is nothing that the network observes", () => {
  expect(level(verdicts((id) => (id === "5.1.1.1" ? "fail" : "pass")))).toMatchObject({ proven: 0, possible: 0, observable: { level: 3 } });
});

test("5.2.1.1 stands at levels 1 and 2 and binds from 1", () => {
  expect(level(verdicts((id) => (id === "5.2.1.1" ? "unknown" : "pass"))).proven).toBe(0);
});

test("notapplicable neither bounds nor blocks; an aspect without applicable clauses is left out", () => {
  const l = level(verdicts((id) => (id.startsWith("5.5") ? "notapplicable" : "pass")));
  expect(l.proven).toBe(3);
  expect(l.aspects.privacy).toBeUndefined();
});

test("what is attested alone was not checked on the network", () => {
  expect(level(verdicts(() => "pass", "attested")).observable).toMatchObject({ level: null, checked: 0 });
});
