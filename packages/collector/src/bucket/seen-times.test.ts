import { expect, it } from "vitest";
import { lookFrom, SeenTimes } from "./seen-times.ts";

it("looks back from the latest, but from now where the latest lies in the future", () => {
  expect(lookFrom(1_000, 5_000, 15)).toBe(985);
  expect(lookFrom(86_400_000, 5_000, 15)).toBe(4_985);
});

it("tells what is new, what has become visible since, and what was never added", () => {
  const seen = new SeenTimes();
  const first = [
    { at: 1, facts: 5, confirmed: 0 },
    { at: 2, facts: 7, confirmed: 90 },
  ];
  expect(seen.unseen(first)).toEqual([1, 2]);
  expect(seen.unseen(first)).toEqual([1, 2]);
  seen.add(first);
  expect(seen.unseen([...first, { at: 3, facts: 1, confirmed: 0 }])).toEqual([3]);
  expect(seen.unseen([{ at: 1, facts: 5, confirmed: 20 }])).toEqual([1]);
  expect(seen.unseen([{ at: 2, facts: 14, confirmed: 90 }])).toEqual([2]);
  seen.forget(2);
  expect(seen.unseen(first)).toEqual([1]);
});
