import { expect, test } from "vitest";
import type { Clock } from "../probe/probe.ts";
import { createBudget, DEFAULT_LIMITS } from "./budget.ts";

/** A clock that jumps to whatever is waited for. */
function jumpingClock(): Clock & { now: number } {
  const clock = {
    now: 0,
    wall: () => clock.now,
    monotonic: () => clock.now,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      clock.now += ms;
    },
  };
  return clock;
}

const open = new AbortController().signal;

test("ten attempts a second and host", async () => {
  const clock = jumpingClock();
  const budget = createBudget(clock);
  for (let i = 0; i < 21; i++) (await budget.acquire("198.18.0.1", "exclusive", open))?.();
  expect(clock.now).toBe(2000);
});

test("fifty a second in a sweep", async () => {
  const clock = jumpingClock();
  const budget = createBudget(clock);
  for (let i = 0; i < 101; i++) (await budget.acquire("198.18.0.1", "sweep", open))?.();
  expect(clock.now).toBeCloseTo(2000);
});

test("two hundred a second over all hosts", async () => {
  const clock = jumpingClock();
  const budget = createBudget(clock);
  for (let i = 0; i < 620; i++) (await budget.acquire(`198.18.${i >> 8}.${i & 255}`, "exclusive", open))?.();
  expect(clock.now).toBeCloseTo(3000);
});

test("one at a time, first come first served, until released", async () => {
  const budget = createBudget(jumpingClock());
  const order: number[] = [];
  const first = await budget.acquire("198.18.0.1", "exclusive", open);
  const second = budget.acquire("198.18.0.1", "exclusive", open);
  const third = budget.acquire("198.18.0.1", "look", open);
  void second.then(() => order.push(2));
  void third.then(() => order.push(3));
  await Promise.resolve();
  expect(order).toEqual([]);
  first?.();
  first?.();
  (await second)?.();
  await third;
  expect(order).toEqual([2, 3]);
});

test("who waits when his deadline passes gets nothing and takes nothing", async () => {
  const budget = createBudget(jumpingClock());
  const held = await budget.acquire("198.18.0.1", "exclusive", open);
  const leaver = new AbortController();
  const waiting = budget.acquire("198.18.0.1", "exclusive", leaver.signal);
  leaver.abort();
  expect(await waiting).toBeUndefined();
  expect(await budget.acquire("198.18.0.1", "exclusive", leaver.signal)).toBeUndefined();
  held?.();
  expect(await budget.acquire("198.18.0.1", "exclusive", open)).toBeDefined();
});

test("a host has as many connections at once as the limit says", async () => {
  const budget = createBudget(jumpingClock(), { ...DEFAULT_LIMITS, hostConcurrent: 2 });
  const one = await budget.acquire("198.18.0.1", "exclusive", open);
  await budget.acquire("198.18.0.1", "look", open);
  const third = budget.acquire("198.18.0.1", "exclusive", open);
  expect(await Promise.race([third, Promise.resolve("waiting")])).toBe("waiting");
  one?.();
  expect(await third).toBeDefined();
});

test("a sweep has as many attempts under way as the limit says", async () => {
  const budget = createBudget(jumpingClock(), { ...DEFAULT_LIMITS, sweepAttempts: 2 });
  const one = await budget.acquire("198.18.0.1", "sweep", open);
  await budget.acquire("198.18.0.1", "sweep", open);
  const third = budget.acquire("198.18.0.1", "sweep", open);
  const early = await Promise.race([third, Promise.resolve("waiting")]);
  expect(early).toBe("waiting");
  one?.();
  expect(await third).toBeDefined();
});
