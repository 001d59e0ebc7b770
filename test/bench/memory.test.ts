import { expect, it } from "vitest";
import { slope } from "./memory.ts";

it("draws the line through samples, bytes per minute", () => {
  expect(slope([0, 1, 2, 3].map((n) => ({ atMs: n * 30_000, bytes: 5 + n * 100 })))).toBeCloseTo(200);
  expect(slope([0, 1, 2].map((n) => ({ atMs: n * 1_000, bytes: 7 })))).toBe(0);
});
