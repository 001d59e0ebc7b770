import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { share } from "./share.ts";

const members = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,12}$/), { minLength: 1, maxLength: 9 });

describe("the share of each collector", () => {
  it("covers every bucket, and nobody holds more than his part", () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 200 }), (all, buckets) => {
        const held = share(all, buckets);
        expect(held.length).toBe(buckets);
        for (const member of held) expect(all).toContain(member);
        for (const own of Map.groupBy(held, (m) => m).values()) expect(own.length).toBeLessThanOrEqual(Math.ceil(buckets / all.length));
      }),
      { numRuns: 300 },
    );
  });

  it("is the same whoever computes it, in whatever order the members are named", () => {
    fc.assert(
      fc.property(members, (all) => {
        expect(share([...all].reverse(), 64)).toEqual(share(all, 64));
      }),
    );
  });

  it("leaves most buckets where they are when a collector is lost", () => {
    const before = share(["a", "b", "c", "d"], 64);
    const after = share(["a", "b", "c"], 64);
    const moved = before.filter((member, bucket) => member !== "d" && after[bucket] !== member).length;
    expect(moved).toBeLessThan(16);
    expect(share([], 2)).toEqual([null, null]);
  });
});
