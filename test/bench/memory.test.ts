import { expect, it } from "vitest";
import { percentile, slope } from "./memory.ts";

it("draws the line through samples, bytes per minute", () => {
  expect(slope([0, 1, 2, 3].map((n) => ({ atMs: n * 30_000, bytes: 5 + n * 100 })))).toBeCloseTo(200);
  expect(slope([0, 1, 2].map((n) => ({ atMs: n * 1_000, bytes: 7 })))).toBe(0);
});

it("takes percentiles by nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
  expect(percentile([4], 0.5)).toBe(4);
});
