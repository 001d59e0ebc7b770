import { CLAUSES, level, reasonText, STANDARD, type Status, type Verdict } from "@vedette/standard";
import fc from "fast-check";
import { expect, test } from "vitest";
import { auditReport } from "./audit-report.ts";
import { findingsAt } from "./finding.ts";
import { summaryLines } from "./summary.ts";
import type { AuditInput, Grade, Membership, ReportedDevice } from "./types.ts";

const NOW = Date.UTC(2026, 1, 4, 8);
const STATUSES: readonly Status[] = ["pass", "fail", "unknown", "notchecked", "notapplicable", "error"];
const MEMBERSHIPS: readonly Membership[] = ["in", "out", "environment", "undecided"];

type Entry = AuditInput<ReportedDevice>["devices"][number];

function entry(id: string, membership: Membership, statuses: readonly Status[]): Entry {
  const verdicts = CLAUSES.map(
    (c, i): Verdict => ({
      clause: c.id,
      status: statuses[i] ?? "notchecked",
      basis: "observed",
      code: "needs-probe",
      parameters: {},
      evidence: [],
      observedAt: null,
      ruleVersion: 1,
    }),
  );
  const time = new Date(NOW).toISOString();
  return {
    device: {
      id,
      name: `Camera ${id}`,
      membership,
      addresses: [`198.18.0.${Number.parseInt(id, 10)}`],
      sources: [],
      identifiers: [],
      failing: verdicts.filter((v) => v.status === "fail").map((v) => v.clause),
    },
    assessment: {
      device: id,
      at: time,
      knownAt: time,
      catalogue: STANDARD.id,
      level: level(verdicts),
      verdicts: verdicts.map((v) => ({ ...v, reason: reasonText(v.code, v.parameters), since: time, observedAt: null, recordedAt: time })),
    },
    exposures: [],
  };
}

// Mostly passing, so that levels above 0 are met too.
const status = fc.oneof({ weight: 40, arbitrary: fc.constant<Status>("pass") }, { weight: 1, arbitrary: fc.constantFrom(...STATUSES) });
const devices = fc
  .array(fc.tuple(fc.constantFrom(...MEMBERSHIPS), fc.array(status, { minLength: CLAUSES.length, maxLength: CLAUSES.length })), {
    maxLength: 8,
  })
  .map((list) => list.map(([membership, statuses], i) => entry(String(i + 1), membership, statuses)));

function reportOf(list: readonly Entry[]) {
  return auditReport({
    site: "site-1",
    scope: ["198.18.0.0/24"],
    exclude: [],
    tier: "polite",
    startedAt: NOW - 60_000,
    endedAt: NOW,
    probeLogHash: "0".repeat(64),
    authorizedBy: null,
    devices: list,
    bss: [],
    notLookedAt: {
      silentAddresses: [],
      addressesNotSearched: 0,
      untouchedTcpPorts: [9100],
      fullSweep: false,
      probes: [],
      tiers: ["credentialed", "intrusive"],
      cutShort: false,
    },
  });
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
const below = (a: Grade, b: Grade) => a === null || b === null || a <= b;

test("levels and counts of a site add up from its members", () => {
  fc.assert(
    fc.property(devices, (list) => {
      const { level: site, devices: told } = reportOf(list);
      const members = list.filter((d) => d.device.membership === "in");
      expect(told).toHaveLength(list.length);
      expect(sum(site.devices)).toBe(list.length);
      expect(site.devices.in).toBe(members.length);
      expect(sum(site.counts)).toBe(members.length * CLAUSES.length);
      for (const s of STATUSES)
        expect(site.counts[s]).toBe(members.flatMap((m) => m.assessment.verdicts).filter((v) => v.status === s).length);
      for (const key of ["proven", "possible"] as const) {
        expect(sum(site.distribution[key])).toBe(members.length);
        expect(members.every((m) => below(site[key], m.assessment.level[key]))).toBe(true);
        // It is one of them, not merely below all.
        const grades = members.map((m) => m.assessment.level[key]).filter((g) => g !== null);
        expect(site[key]).toBe(grades.length === 0 ? null : Math.min(...grades));
      }
      expect(below(site.proven, site.possible)).toBe(true);
      expect(site.observable.checked).toBeLessThanOrEqual(site.observable.of);
      for (const m of members) for (const clause of m.assessment.level.blocking) expect(site.blocking).toContain(clause);
    }),
  );
});

test("only members change the level of a site", () => {
  fc.assert(
    fc.property(devices, (list) => {
      const members = list.filter((d) => d.device.membership === "in");
      const { devices: _, ...all } = reportOf(list).level;
      const { devices: __, ...alone } = reportOf(members).level;
      expect(all).toEqual(alone);
    }),
  );
});

test("a threshold is met exactly where the possible level of a member is below it", () => {
  fc.assert(
    fc.property(devices, fc.constantFrom(1 as const, 2 as const, 3 as const), (list, asked) => {
      const report = reportOf(list);
      const found = new Set(findingsAt(report, { kind: "level", level: asked }).map((f) => f.subject));
      for (const d of report.devices) {
        const { possible } = d.assessment.level;
        expect(found.has(d.id)).toBe(d.membership === "in" && possible !== null && possible < asked);
      }
    }),
  );
});

test("the summary has a line for each device, in either language", () => {
  fc.assert(
    fc.property(devices, fc.constantFrom("en" as const, "zh-TW" as const), (list, language) => {
      const lines = summaryLines(reportOf(list), language);
      for (const { device } of list)
        expect(lines.filter((line) => line.includes(`${device.name}${language === "en" ? " " : "（"}`))).toHaveLength(1);
    }),
  );
});
