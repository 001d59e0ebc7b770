import { describe, expect, it } from "vitest";
import { changesOf, contestedMarks, heldBack, inOrder, outOfOrder, type Told, timesOf } from "./expect.ts";

const told = (epoch: string, seq: number, mark: number, more: Partial<Told> = {}): Told => ({
  epoch,
  epochMs: epoch.charCodeAt(0),
  seq,
  contentHash: String(mark),
  wallMs: mark * 10,
  storedMs: mark * 10 + 5,
  mark,
  ...more,
});

describe("what the timeline must show", () => {
  it("is in the order of epochs, then of seq, whatever was stored first", () => {
    const stored = [told("b", 1, 3), told("a", 2, 2, { storedMs: 900 }), told("a", 1, 1)];
    expect(inOrder(stored).map((t) => t.mark)).toEqual([1, 2, 3]);
  });

  it("is in times that never fall back", () => {
    expect(timesOf([told("a", 1, 1), told("a", 2, 2, { wallMs: 3 }), told("a", 3, 3)])).toEqual([10, 10, 30]);
  });

  it("is never later than it, or one that follows it, was stored", () => {
    expect(timesOf([told("a", 1, 1, { wallMs: 99 }), told("a", 2, 2, { storedMs: 12 }), told("a", 3, 3)])).toEqual([12, 12, 30]);
  });

  it("holds back what stands before something that was stored earlier", () => {
    const ordered = [told("a", 1, 1), told("a", 2, 2, { storedMs: 9_000 }), told("b", 1, 3, { storedMs: 500 })];
    expect([...heldBack(ordered, 1_000)]).toEqual([2]);
    expect([...heldBack(ordered, 10_000)]).toEqual([]);
  });

  it("is a line for each change, of several at one moment the last", () => {
    const looks = [
      { from: 10, open: false },
      { from: 20, open: true },
      { from: 20, open: false },
      { from: 30, open: true },
      { from: 40, open: true },
    ];
    expect(changesOf(looks)).toEqual([
      { from: 10, open: false },
      { from: 30, open: true },
    ]);
  });

  it("contests what an epoch tells from the first seq with two contents on", () => {
    expect(contestedMarks([told("a", 1, 1), told("a", 2, 2)]).size).toBe(0);
    const overlapping = [told("a", 1, 1), told("a", 2, 2), told("a", 2, 4), told("a", 3, 3), told("b", 1, 5)];
    expect([...contestedMarks(overlapping)].sort()).toEqual([2, 3, 4]);
  });

  it("finds what stands before something older", () => {
    const ordered = [told("a", 1, 1), told("a", 2, 3), told("a", 3, 2), told("a", 4, 0), told("a", 5, 4)];
    expect(outOfOrder(ordered, new Set())).toEqual([2]);
    expect(outOfOrder(ordered, new Set([2]))).toEqual([]);
  });
});
