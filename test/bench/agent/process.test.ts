import { expect, it } from "vitest";
import { cpuMs, proportionalBytes, residentBytes } from "./process.ts";

it("reads what this very process costs", () => {
  const before = cpuMs(process.pid);
  for (const since = process.cpuUsage(); process.cpuUsage(since).user < 60_000; );
  expect(cpuMs(process.pid) - before).toBeGreaterThanOrEqual(20);
  expect(proportionalBytes(process.pid)).toBeLessThanOrEqual(residentBytes(process.pid));
  expect(residentBytes(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  expect(proportionalBytes(process.pid)).toBeGreaterThan(10 * 1024 ** 2);
});
