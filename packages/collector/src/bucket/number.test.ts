import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bucketOf } from "./number.ts";

describe("bucketOf", () => {
  it("is the first 4 bytes of the hash, modulo the number of buckets", () => {
    const hex = createHash("sha256").update("demo\0demo").digest("hex").slice(0, 8);
    expect(bucketOf("demo", "demo", 64)).toBe(Number.parseInt(hex, 16) % 64);
  });

  it("tells tenant and site apart", () => {
    expect(bucketOf("ab", "c", 2 ** 32)).not.toBe(bucketOf("a", "bc", 2 ** 32));
  });

  it("spreads sites evenly", () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 6400; i++) counts[bucketOf("t", `site-${i}`, 64)] = (counts[bucketOf("t", `site-${i}`, 64)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(150);
  });
});
