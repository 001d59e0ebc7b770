import fc from "fast-check";
import { expect, it } from "vitest";
import { rangesOf } from "./range.ts";

it("holds exactly the numbers, ascending, and no two ranges touch", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 })), (numbers) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const found = rangesOf(sorted);
      const back = found.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      expect(back).toEqual([...new Set(sorted)]);
      for (const [i, { first }] of found.entries()) if (i > 0) expect(first).toBeGreaterThan((found[i - 1]?.last ?? 0) + 1);
    }),
    { numRuns: 1000 },
  );
});

it("makes one range of a run, one of each lone number, and none of nothing", () => {
  expect(rangesOf([1, 2, 3, 7, 9, 10])).toEqual([
    { first: 1, last: 3 },
    { first: 7, last: 7 },
    { first: 9, last: 10 },
  ]);
  expect(rangesOf([])).toEqual([]);
});
