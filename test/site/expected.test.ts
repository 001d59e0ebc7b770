import { describe, expect, test } from "vitest";
import { DRIFT_EXPECTATIONS, EXPECTATIONS, EXPECTED_CLAUSES } from "./expected.ts";
import { PERSONAS, personas } from "./persona/index.ts";
import { PROFILES } from "./profile.ts";
import { DRIFT_IDS, formAfter, SCRIPT } from "./script.ts";

describe("the table of what must be found", () => {
  test("holds every persona once, and every clause of each", () => {
    expect(EXPECTATIONS.map((row) => row.persona)).toEqual(PERSONAS.map((form) => form.name));
    for (const row of EXPECTATIONS) {
      expect(Object.keys(row.verdicts).sort()).toEqual([...EXPECTED_CLAUSES].sort());
      expect(row.sources).toEqual([...row.sources].sort());
    }
  });

  test("holds every drift in the script's order, about the same persona, from the verdict that it had", () => {
    expect(DRIFT_EXPECTATIONS.map((row) => row.drift)).toEqual([...DRIFT_IDS]);
    expect(SCRIPT.map((drift) => [drift.id, drift.persona])).toEqual(DRIFT_EXPECTATIONS.map((row) => [row.drift, row.persona]));
    for (const row of DRIFT_EXPECTATIONS) {
      const before = EXPECTATIONS.find((candidate) => candidate.persona === row.persona)?.verdicts;
      for (const event of [...row.events, ...(row.whenEvidenceExpires?.verdicts ?? [])]) {
        if ("clause" in event) expect(before?.[event.clause]).toBe(event.from);
      }
    }
  });

  test("two profiles name models that exist; one declares all that is open, one does not", () => {
    const undeclared = PROFILES.map(({ match, services }) => {
      const forms = PERSONAS.filter(({ upnp }) => upnp?.manufacturer === match.vendor && upnp.modelName === match.model);
      expect(forms).toHaveLength(1);
      return forms[0]?.services.map((service) => `tcp/${service.ports[0]}`).filter((service) => !services.includes(service));
    });
    expect(undeclared).toEqual([[], ["tcp/8000"]]);
  });
});

describe("the personas", () => {
  test("each cites what it behaves like; at least six show a failure of the field", () => {
    expect(PERSONAS.every((form) => form.behavesLike.length > 0)).toBe(true);
    expect(PERSONAS.filter((form) => form.fieldFailure !== undefined).length).toBeGreaterThanOrEqual(6);
  });

  test("stand at hosts and under names of their own, extra cameras too, also after the script", () => {
    const all = personas(60).flatMap((form) => [form, formAfter(form, DRIFT_IDS)]);
    const places = new Map<number, Set<string>>();
    for (const form of all) places.set(form.host, (places.get(form.host) ?? new Set()).add(form.name));
    expect([...places.values()].every((names) => names.size === 1)).toBe(true);
    expect(new Set(all.map((form) => form.name)).size).toBe(60);
  });
});
