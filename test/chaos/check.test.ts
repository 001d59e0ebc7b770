import { describe, expect, it } from "vitest";
import { compareTimelines, isRight } from "./check.ts";
import { allSeen } from "./run.ts";

const right = {
  ...{ produced: 3, stored: 3, onTimeline: 3, collapsed: 0, contested: 0, givenUp: 0, refused: 0 },
  ...{ lost: [], invented: [], disordered: [], doubled: [], wrong: [] },
};
const change = (from: number, open: boolean) => ({ from, open });

describe("the checker of a chaos run", () => {
  it("tells what is missing, doubled or out of order on a timeline", () => {
    const expected = [change(10, false), change(20, true), change(40, false)];
    expect(compareTimelines(expected, expected)).toEqual({ doubled: [], wrong: [] });
    expect(compareTimelines(expected, expected.slice(0, 2)).wrong).toHaveLength(1);
    expect(compareTimelines(expected, [change(10, false), change(40, false), change(20, true)]).wrong).toHaveLength(1);
    expect(compareTimelines(expected, [...expected, change(40, false)]).doubled).toEqual(["1970-01-01T00:00:00.040Z"]);
  });

  it("takes no run that produced nothing, or that lost, invented, disordered or doubled something", () => {
    expect(isRight(right)).toBe(true);
    for (const wrong of [{ produced: 0 }, { lost: [1] }, { invented: [1] }, { disordered: [1] }, { doubled: ["x"] }, { wrong: ["x"] }])
      expect(isRight({ ...right, ...wrong })).toBe(false);
  });

  it("takes no run whose faults left no trace, or that had none", () => {
    expect(allSeen({ "kill agent": { struck: 2, seen: 2 } })).toBe(true);
    expect(allSeen({ "kill agent": { struck: 2, seen: 1 } })).toBe(false);
    expect(allSeen({})).toBe(false);
  });
});
