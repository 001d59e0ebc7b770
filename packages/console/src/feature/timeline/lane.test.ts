import type { TimelineItem } from "@vedette/collector/api";
import { expect, test } from "vitest";
import type { Clause } from "../../query.ts";
import { changesOf, lanesOf, merged } from "./lane.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 2, 3, 14, minute)).toISOString();
const ms = (minute: number) => Date.parse(at(minute));

function item(clause: string, status: TimelineItem["status"], from: number, to: number | null): TimelineItem {
  return {
    clause,
    status,
    from: at(from),
    to: to === null ? null : at(to),
    code: "",
    reason: { en: "", "zh-TW": "" },
    cause: "observation",
    observedAt: null,
    recordedAt: at(from),
  };
}

function clause(id: string, aspect: Clause["aspect"]): Clause {
  const text = { en: "", "zh-TW": "" };
  return {
    id,
    aspect,
    item: "",
    itemTitle: text,
    levels: [1],
    kind: "N",
    tier: null,
    title: text,
    summary: text,
    decidedBy: text,
    remediation: text,
    references: [],
  };
}

const CLAUSES = [clause("5.2.2.1", "system"), clause("5.3.1.1", "communication"), clause("5.3.1.2", "communication")];

test("an aspect shows the worst of its clauses at each time", () => {
  const items = [
    item("5.3.1.1", "pass", 0, 10),
    item("5.3.1.1", "fail", 10, 20),
    item("5.3.1.1", "pass", 20, null),
    item("5.3.1.2", "pass", 5, null),
  ];
  const [lane] = lanesOf(items, CLAUSES, new Set());
  expect(lane?.key).toBe("communication");
  expect(lane?.segments.map((s) => [s.status, s.from, s.to])).toEqual([
    ["pass", ms(0), ms(10)],
    ["fail", ms(10), ms(20)],
    ["pass", ms(20), null],
  ]);
});

test("what was not checked does not hide what was, and is told", () => {
  const [lane] = lanesOf([item("5.3.1.1", "notchecked", 0, null), item("5.3.1.2", "pass", 5, null)], CLAUSES, new Set());
  expect(lane?.segments.map((s) => [s.status, s.partly])).toEqual([
    ["notchecked", false],
    ["pass", true],
  ]);
});

test("a gap stays a gap", () => {
  const [lane] = lanesOf([item("5.3.1.1", "pass", 0, 5), item("5.3.1.1", "pass", 9, 12)], CLAUSES, new Set());
  expect(lane?.segments.map((s) => [s.from, s.to])).toEqual([
    [ms(0), ms(5)],
    [ms(9), ms(12)],
  ]);
});

test("an open aspect is followed by its clauses; one without verdicts is left out", () => {
  const lanes = lanesOf(
    [item("5.2.2.1", "unknown", 0, null), item("5.3.1.2", "pass", 0, null)],
    CLAUSES,
    new Set(["communication" as const]),
  );
  expect(lanes.map((l) => l.key)).toEqual(["system", "communication", "5.3.1.2"]);
});

test("changes are ordered, each time once", () => {
  expect(changesOf([item("a", "pass", 5, 9), item("b", "pass", 0, null), item("c", "fail", 5, null)])).toEqual([ms(0), ms(5)]);
});

test("nothing gives nothing", () => {
  expect(merged([])).toEqual([]);
  expect(lanesOf([], CLAUSES, new Set())).toEqual([]);
});
