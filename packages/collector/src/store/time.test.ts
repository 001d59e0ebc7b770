import fc from "fast-check";
import { expect, it } from "vitest";
import { fromWire, fromWireOrNull, MAX_MS, MIN_MS, toWire, toWireOrNull } from "./time.ts";

it("loses nothing of a whole millisecond", () => {
  fc.assert(fc.property(fc.integer({ min: MIN_MS, max: MAX_MS }), (ms) => fromWire(toWire(ms)) === ms));
});

it("keeps null, and refuses what is no time", () => {
  expect(toWireOrNull(null)).toBeNull();
  expect(fromWireOrNull(null)).toBeNull();
  expect(() => toWire(Number.NaN)).toThrow(RangeError);
  expect(() => fromWire("yesterday")).toThrow(RangeError);
});
