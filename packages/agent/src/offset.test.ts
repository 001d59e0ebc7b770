import fc from "fast-check";
import { expect, test } from "vitest";
import { createOffsetMeter, followSteps } from "./offset.ts";

test("the true offset lies within the told uncertainty, whatever the ways take", () => {
  const way = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(
      fc.integer({ min: -(10 ** 8), max: 10 ** 8 }),
      fc.array(fc.tuple(way, way, way), { minLength: 1, maxLength: 20 }),
      (trueOffset, ways) => {
        const meter = createOffsetMeter();
        let leftMs = 1_000_000;
        for (const [there, within, back] of ways) {
          const receivedMs = leftMs + there + trueOffset;
          meter.add({ leftMs, roundTripMs: there + within + back, receivedMs, sentMs: receivedMs + within });
          leftMs += 15_000;
        }
        const o = meter.offset();
        expect(Math.abs((o?.offsetMs ?? Number.NaN) - trueOffset)).toBeLessThanOrEqual((o?.uncertaintyMs ?? 0) + 1e-6);
      },
    ),
  );
});

test("nothing is told before the first exchange", () => {
  expect(createOffsetMeter().offset()).toBeUndefined();
});

test("a clock that stepped is followed after eight exchanges, however good the old ones were", () => {
  const meter = createOffsetMeter();
  meter.add({ leftMs: 0, roundTripMs: 1, receivedMs: 0, sentMs: 0 });
  for (let i = 0; i < 8; i++) meter.add({ leftMs: 0, roundTripMs: 50, receivedMs: 60_000, sentMs: 60_000 });
  expect(meter.offset()?.offsetMs).toBeCloseTo(59_975);
});

test("a clock that steps by a day, or a reboot with a wrong one, is followed at the next exchange, with that exchange's uncertainty", () => {
  const meter = createOffsetMeter();
  const day = 86_400_000;
  for (let i = 0; i < 20; i++) meter.add({ leftMs: 1000 * i, roundTripMs: 2, receivedMs: 1000 * i + 1, sentMs: 1000 * i + 1 });
  expect(meter.offset()).toEqual({ offsetMs: 0, uncertaintyMs: 1 });
  meter.add({ leftMs: 20_000 + day, roundTripMs: 400, receivedMs: 20_200, sentMs: 20_200 });
  expect(meter.offset()).toEqual({ offsetMs: -day, uncertaintyMs: 200 });
  meter.add({ leftMs: 21_000 + day, roundTripMs: 4, receivedMs: 21_002, sentMs: 21_002 });
  expect(meter.offset()).toEqual({ offsetMs: -day, uncertaintyMs: 2 });
});

test("between two exchanges the monotonic clock tells by how much the wall clock stepped", () => {
  const day = 86_400_000;
  let [wall, monotonic] = [1_000_000, 500];
  const meter = followSteps(createOffsetMeter(), { wall: () => wall, monotonic: () => monotonic });
  expect(meter.offset()).toBeUndefined();
  meter.add({ leftMs: wall, roundTripMs: 2, receivedMs: wall + 41, sentMs: wall + 41 });
  expect(meter.offset()).toEqual({ offsetMs: 40, uncertaintyMs: 1 });
  [wall, monotonic] = [wall + 10_000 - day, monotonic + 10_000];
  expect(meter.offset()).toEqual({ offsetMs: 40 + day, uncertaintyMs: 1 });
  meter.add({ leftMs: wall, roundTripMs: 2, receivedMs: wall + day + 41, sentMs: wall + day + 41 });
  expect(meter.offset()).toEqual({ offsetMs: 40 + day, uncertaintyMs: 1 });
});
