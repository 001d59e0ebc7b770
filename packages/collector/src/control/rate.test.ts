import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rate } from "./rate.ts";

describe("a rate", () => {
  it("never allows more than its burst and one per interval, for any key", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ wait: fc.nat({ max: 300 }), key: fc.constantFrom("a", "b") }), { maxLength: 200 }), (steps) => {
        let now = 0;
        const rate = new Rate({ burst: 3, everyMs: 100, now: () => now });
        const allowed = new Map<string, number[]>();
        for (const { wait, key } of steps) {
          now += wait;
          if (rate.take(key)) allowed.set(key, [...(allowed.get(key) ?? []), now]);
        }
        for (const times of allowed.values()) {
          for (const [n, from] of times.entries()) {
            for (const [m, to] of times.entries()) if (m >= n) expect(m - n + 1).toBeLessThanOrEqual(3 + (to - from) / 100 + 1e-6);
          }
        }
      }),
    );
  });

  it("forgets the longest unused of too many keys, and gives back", () => {
    const rate = new Rate({ burst: 1, everyMs: 1_000, now: () => 0, keys: 2 });
    expect([rate.take("a"), rate.take("b"), rate.take("a"), rate.take("c")]).toEqual([true, true, false, true]);
    expect([rate.take("b"), rate.take("c")]).toEqual([true, false]);
    rate.giveBack("c");
    expect(rate.take("c")).toBe(true);
  });
});
