import { pino } from "pino";
import { expect, test } from "vitest";
import { createMemoryGuard, MemoryCeilingError } from "./memory-guard.ts";
import { createFakeClock } from "./testing/fake-clock.ts";

const MIB = 1024 ** 2;

test("at the ceiling no look begins until a tenth of it is free; a minute there ends the agent", async () => {
  const clock = createFakeClock();
  let bytes = 99 * MIB;
  const guard = createMemoryGuard({ ceiling: 100 * MIB, resident: () => bytes, clock, logger: pino({ level: "silent" }) });
  guard.check();
  expect(guard.mayStart()).toBe(true);
  bytes = 101 * MIB;
  guard.check();
  expect(guard.mayStart()).toBe(false);
  await clock.advance(59_000);
  guard.check();
  bytes = 95 * MIB;
  guard.check();
  expect(guard.mayStart()).toBe(false);
  bytes = 89 * MIB;
  guard.check();
  expect(guard.mayStart()).toBe(true);
  bytes = 120 * MIB;
  guard.check();
  await clock.advance(60_000);
  expect(() => guard.check()).toThrow(MemoryCeilingError);
  expect(() => guard.check()).toThrow(/^the agent takes 120 MiB and does not come below limits.memoryMiB \(100\): raise it, or narrow/);
});
