import { expect, it } from "vitest";
import { cpuMs, proportionalBytes, residentBytes } from "./process.ts";

it("reads what this very process costs", () => {
  const before = cpuMs(process.pid);
  // Of the processor's time, not the wall's: on a busy machine little of the one may pass in much of the other.
  const used = process.cpuUsage();
  while (process.cpuUsage(used).user + process.cpuUsage(used).system < 60_000);
  expect(cpuMs(process.pid) - before).toBeGreaterThanOrEqual(20);
  expect(proportionalBytes(process.pid)).toBeLessThanOrEqual(residentBytes(process.pid));
  expect(residentBytes(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  expect(proportionalBytes(process.pid)).toBeGreaterThan(10 * 1024 ** 2);
});
