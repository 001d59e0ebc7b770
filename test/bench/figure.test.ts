import { expect, it } from "vitest";
import { percentile, percentiles } from "./figure.ts";

it("takes percentiles by nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
  expect(percentile([4], 0.5)).toBe(4);
});

it("names percentiles, and lets what never came be the worst", () => {
  expect(percentiles("event", [3, Number.POSITIVE_INFINITY, 1, 2])).toEqual({
    "event.p50Ms": 2,
    "event.p95Ms": Number.POSITIVE_INFINITY,
    "event.p99Ms": Number.POSITIVE_INFINITY,
  });
});
