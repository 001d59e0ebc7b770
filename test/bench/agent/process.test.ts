import { expect, it } from "vitest";
import { cpuMs, proportionalBytes } from "./process.ts";

it("reads what this very process costs", () => {
  const before = cpuMs(process.pid);
  for (const until = performance.now() + 60; performance.now() < until; );
  expect(cpuMs(process.pid) - before).toBeGreaterThanOrEqual(20);
  expect(proportionalBytes(process.pid)).toBeLessThanOrEqual(process.memoryUsage.rss() * 1.1);
  expect(proportionalBytes(process.pid)).toBeGreaterThan(10 * 1024 ** 2);
});
