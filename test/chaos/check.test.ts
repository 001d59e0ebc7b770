import { describe, expect, it } from "vitest";
import { compareEvents, compareTimelines, type Findings, isRight } from "./check.ts";
import { allSeen } from "./run.ts";

const right: Findings = {
  ...{
    produced: 3,
    stored: 3,
    onTimeline: 3,
    events: 2,
    collapsed: 0,
    contested: 0,
    givenUp: 0,
    refused: 0,
    untold: 0,
    correctedSweeps: 0,
  },
  ...{ lost: [], invented: [], miscounted: [], disordered: [], mistimed: [], doubled: [], wrong: [] },
  timeErrorMs: { median: 1, most: 2 },
};
const change = (from: number, open: boolean) => ({ from, open });

describe("the checker of a chaos run", () => {
  const lines = [change(10, false), change(20, true), change(40, false)];

  it("tells what is missing, doubled or out of order on a timeline", () => {
    expect(compareTimelines(lines, lines)).toEqual({ doubled: [], wrong: [] });
    expect(compareTimelines(lines, lines.slice(0, 2)).wrong).toHaveLength(1);
    expect(compareTimelines(lines, [change(10, false), change(40, false), change(20, true)]).wrong).toHaveLength(1);
    expect(compareTimelines(lines, [...lines, change(40, false)]).doubled).toEqual(["1970-01-01T00:00:00.040Z"]);
  });

  it("wants one event for each line after the first ones", () => {
    const events = [change(20, true), change(40, false)];
    expect(compareEvents(lines, events)).toEqual({ doubled: [], wrong: [] });
    expect(compareEvents(lines, [change(40, false)])).toEqual({ doubled: [], wrong: [] });
    expect(compareEvents(lines, [change(20, true)]).wrong).toHaveLength(1);
    expect(compareEvents(lines, [...events, change(40, false)]).doubled).toHaveLength(1);
    expect(compareEvents(lines, [...events, change(50, true)]).wrong).toHaveLength(1);
    const many = Array.from({ length: 10 }, (_, i) => change(i, i % 2 === 0));
    expect(compareEvents(many, []).wrong).toHaveLength(1);
    expect(compareEvents(many, many.slice(6)).wrong).toHaveLength(1);
  });

  it("takes no run that produced or told nothing, or of which anything is not as it must be", () => {
    expect(isRight(right)).toBe(true);
    const lists = [{ lost: [1] }, { invented: [1] }, { disordered: [1] }, { mistimed: [1] }];
    const texts = [{ miscounted: ["x"] }, { doubled: ["x"] }, { wrong: ["x"] }];
    for (const wrong of [...lists, ...texts, { produced: 0 }, { events: 0 }, { untold: 1 }, { correctedSweeps: 1 }])
      expect(isRight({ ...right, ...wrong })).toBe(false);
  });

  it("takes no run whose faults left no trace, or that had none", () => {
    expect(allSeen({ "kill agent": { struck: 2, seen: 2 } })).toBe(true);
    expect(allSeen({ "kill agent": { struck: 2, seen: 1 } })).toBe(false);
    expect(allSeen({})).toBe(false);
  });
});
