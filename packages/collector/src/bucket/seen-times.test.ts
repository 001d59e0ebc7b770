import { expect, it } from "vitest";
import { SeenTimes } from "./seen-times.ts";

it("tells what is new, what has grown, and what was never added", () => {
  const seen = new SeenTimes();
  const first = [
    { at: 1, rows: 5 },
    { at: 2, rows: 7 },
  ];
  expect(seen.unseen(first)).toEqual([1, 2]);
  expect(seen.unseen(first)).toEqual([1, 2]);
  seen.add(first);
  expect(seen.unseen([...first, { at: 3, rows: 1 }])).toEqual([3]);
  expect(seen.unseen([{ at: 2, rows: 8 }])).toEqual([2]);
  seen.forget(2);
  expect(seen.unseen(first)).toEqual([1]);
});
