import { describe, expect, it } from "vitest";
import { accountOf } from "./account.ts";
import type { Told } from "./expect.ts";
import type { Journal } from "./journal.ts";

const EPOCH = "a";
const journalOf = (kept: readonly number[], refused: readonly number[] = []): Journal => ({
  intents: new Map([...kept, ...refused].map((mark) => [mark, { mark, device: 0, open: true, wallMs: mark }])),
  kept: new Map(kept.map((mark) => [mark, { epoch: EPOCH, seq: mark }])),
  refused: new Set(refused),
});
const told = (mark: number, more: Partial<Told> = {}): Told => {
  const own = { epoch: EPOCH, epochMs: 1, seq: mark, contentHash: String(mark), wallMs: mark, storedMs: mark, mark };
  return { ...own, ...more };
};
const gap = (first: number, last: number, changes: number, more: { epoch?: string; reason?: string } = {}) => ({
  ...{ reason: "disk-full", epoch: EPOCH, ranges: [{ first, last }], changes },
  ...more,
});

describe("the account of what was produced", () => {
  it("balances where everything is stored once", () => {
    const right = { lost: [], invented: [], repeated: [], miscounted: [], untold: 0, givenUp: 0, refused: 0 };
    expect(accountOf(journalOf([1, 2]), [told(1), told(2), told(0, { seq: 3 })], [])).toEqual(right);
  });

  it("misses what is neither stored nor named by a gap record of its epoch", () => {
    const journal = journalOf([1, 2, 3]);
    expect(accountOf(journal, [told(1)], []).lost).toEqual([2, 3]);
    expect(accountOf(journal, [told(1)], [gap(3, 3, 1)])).toMatchObject({ lost: [2], givenUp: 1 });
    expect(accountOf(journal, [told(1)], [gap(2, 3, 2, { epoch: "b" })]).lost).toEqual([2, 3]);
    expect(accountOf(journal, [told(1)], [gap(2, 3, 2, { reason: "damaged" })]).lost).toEqual([2, 3]);
  });

  it("does not let a gap record of what is stored excuse a loss of as many", () => {
    expect(accountOf(journalOf([1, 2]), [told(1)], [gap(1, 1, 1)])).toMatchObject({ lost: [2], givenUp: 0 });
  });

  it("tells a gap record that counts wrong", () => {
    const journal = journalOf([1, 2, 3]);
    expect(accountOf(journal, [], [gap(1, 3, 3)]).miscounted).toEqual([]);
    expect(accountOf(journal, [], [gap(1, 3, 2)]).miscounted).toHaveLength(1);
    expect(accountOf(journal, [], [gap(1, 3, 4)]).miscounted).toHaveLength(1);
  });

  it("tells what was invented, what is stored twice, and what was refused in silence", () => {
    const journal = journalOf([1], [2]);
    expect(accountOf(journal, [told(1), told(7)], []).invented).toEqual([7]);
    expect(accountOf(journal, [told(1), told(2)], []).invented).toEqual([2]);
    expect(accountOf(journal, [told(1), told(1, { seq: 5 })], []).repeated).toEqual([1]);
    expect(accountOf(journal, [told(1), told(1, { contentHash: "other" })], []).repeated).toEqual([1]);
    expect(accountOf(journal, [told(1)], []).untold).toBe(1);
    expect(accountOf(journal, [told(1)], [{ reason: "disk-full", epoch: "", ranges: [], changes: 1 }])).toMatchObject({
      untold: 0,
      refused: 1,
    });
  });
});
