import fc from "fast-check";
import { expect, test } from "vitest";
import { intervalOf, jittered } from "./interval.ts";

test("policy overrides by name, never faster than a second", () => {
  const told = new Map([
    ["presence", 5000],
    ["tls", 10],
  ]);
  expect(intervalOf("presence", told)).toBe(5000);
  expect(intervalOf("tls", told)).toBe(1000);
  expect(intervalOf("common", told)).toBe(24 * 3600_000);
});

test("the whole scope is searched as often as light looks are taken, but at most every minute unless told by name", () => {
  expect(intervalOf("discovery", new Map())).toBe(3600_000);
  expect(intervalOf("discovery", new Map([["light", 20_000]]))).toBe(60_000);
  expect(intervalOf("discovery", new Map([["discovery", 20_000]]))).toBe(20_000);
});

test("jitter stays within 10 % on either side", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 10 ** 9 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (ms, r) => {
      const j = jittered(ms, () => r);
      expect(j).toBeGreaterThanOrEqual(ms * 0.9 - 1e-3);
      expect(j).toBeLessThanOrEqual(ms * 1.1 + 1e-3);
    }),
  );
});
