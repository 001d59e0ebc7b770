import { expect, it } from "vitest";
import { at, joinNeighbours, type RecordedBelief } from "./belief.ts";

function belief(clause: string, from: number, status: RecordedBelief["status"], more: Partial<RecordedBelief> = {}): RecordedBelief {
  return {
    device: "d",
    clause,
    from,
    status,
    basis: "observed",
    code: "c",
    parameters: {},
    evidence: [],
    observedAt: null,
    ruleVersion: 1,
    cause: "observation",
    initial: false,
    recordedAt: from,
    seq: 1,
    ...more,
  } as RecordedBelief;
}

it("joins neighbours that say the same, and only those", () => {
  const stretches = joinNeighbours([
    belief("a", 1, "pass"),
    belief("a", 2, "pass"),
    belief("a", 3, "fail"),
    belief("a", 4, "fail", { parameters: { port: 23 } }),
    belief("a", 5, "pass"),
    belief("b", 1, "pass"),
  ]);
  expect(stretches.map((s) => [s.clause, s.from, s.to])).toEqual([
    ["a", 1, 3],
    ["a", 3, 4],
    ["a", 4, 5],
    ["a", 5, null],
    ["b", 1, null],
  ]);
});

it("picks what holds at a time: its beginning belongs to it, its end does not", () => {
  const stretches = joinNeighbours([belief("a", 10, "pass"), belief("a", 20, "fail")]);
  expect([9, 10, 19, 20, 99].map((time) => at(stretches, time).map((s) => s.status))).toEqual([[], ["pass"], ["pass"], ["fail"], ["fail"]]);
});
