import { expect, test } from "vitest";
import { monotonicSinceBoot } from "./boot-clock.ts";

/** A machine that was never asked, with the clocks that it has. */
function machine() {
  const at = { awake: 5_000.25, sinceBoot: 5_000, wall: 1_000_000, asked: 0 };
  const monotonic = monotonicSinceBoot({
    awake: () => at.awake,
    sinceBoot() {
      at.asked++;
      return at.sinceBoot;
    },
    wall: () => at.wall,
  });
  function pass(ms: number): void {
    at.awake += ms;
    at.sinceBoot += ms;
    at.wall += ms;
  }
  return { at, monotonic, pass };
}

test("time goes on over a sleep of the machine from the first look on, never backwards, and as finely as before", () => {
  const { at, monotonic, pass } = machine();
  expect(monotonic()).toBe(5_000.25);
  pass(0.5);
  expect(monotonic()).toBe(5_000.75);
  // An hour asleep.
  at.sinceBoot += 3_600_000;
  at.wall += 3_600_000;
  const woken = monotonic();
  expect(woken).toBeCloseTo(3_605_000.5, 0);
  pass(0.5);
  at.sinceBoot -= 10;
  expect(monotonic() - woken).toBeCloseTo(0.5, 6);
});

test("a sleep that the wall clock does not tell is seen within a second, and a step of it is no sleep", () => {
  const { at, monotonic, pass } = machine();
  const before = monotonic();
  at.sinceBoot += 60_000;
  pass(1_000);
  expect(monotonic() - before).toBeCloseTo(61_000, 0);
  at.wall += 86_400_000;
  expect(monotonic() - before).toBeCloseTo(61_000, 0);
  at.wall -= 2 * 86_400_000;
  pass(1);
  expect(monotonic() - before).toBeCloseTo(61_001, 0);
});

test("the kernel is asked once a second", () => {
  const { at, monotonic, pass } = machine();
  for (let n = 0; n < 100_000; n++) {
    monotonic();
    pass(0.1);
  }
  expect(at.asked).toBeLessThanOrEqual(11);
});
