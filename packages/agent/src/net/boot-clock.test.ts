import { expect, test } from "vitest";
import { monotonicSinceBoot } from "./boot-clock.ts";

test("time goes on over a sleep of the machine, never backwards, and as finely as before", () => {
  let awake = 5_000.25;
  let sinceBoot = 5_000;
  const monotonic = monotonicSinceBoot({ awake: () => awake, sinceBoot: () => sinceBoot });
  expect(monotonic()).toBe(5_000.25);
  awake += 0.5;
  expect(monotonic()).toBe(5_000.75);
  // An hour asleep.
  sinceBoot += 3_600_000;
  awake += 10;
  const woken = monotonic();
  expect(woken).toBeCloseTo(3_605_000, 0);
  awake += 0.5;
  sinceBoot -= 10;
  expect(monotonic() - woken).toBeCloseTo(0.5, 6);
});

test("the kernel is asked rarely", () => {
  let awake = 0;
  let asked = 0;
  const monotonic = monotonicSinceBoot({
    awake: () => awake,
    sinceBoot() {
      asked++;
      return awake;
    },
  });
  for (; awake < 100; awake += 0.1) monotonic();
  expect(asked).toBeLessThanOrEqual(11);
});
