import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SEAL_KEY_BYTES, SealError, SealingKey } from "./sealing.ts";

const one = randomBytes(SEAL_KEY_BYTES);
const two = randomBytes(SEAL_KEY_BYTES);
const key = new SealingKey(new Map([[1, one]]));

describe("sealing", () => {
  it("opens what it sealed, at the same place only", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), fc.string(), (plain, here, there) => {
        const sealed = key.seal(plain, here);
        expect(key.open(sealed, here)).toBe(plain);
        if (here !== there) expect(() => key.open(sealed, there)).toThrow(SealError);
      }),
    );
  });

  it("seals with the newest key and opens with every one", () => {
    const both = new SealingKey(
      new Map([
        [1, one],
        [2, two],
      ]),
    );
    expect(both.open(key.seal("old", "x"), "x")).toBe("old");
    expect(both.seal("new", "x")).toMatch(/^s2\./);
    expect(() => key.open(both.seal("new", "x"), "x")).toThrow(expect.objectContaining({ fault: "no-such-key" }));
  });

  it("never opens other text", () => {
    const sealed = key.seal("secret", "x");
    const last = sealed.at(-6) === "A" ? "B" : "A";
    expect(() => key.open(sealed.slice(0, -6) + last + sealed.slice(-5), "x")).toThrow(expect.objectContaining({ fault: "not-authentic" }));
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => key.open(text, "x")).toThrow(SealError);
      }),
      { numRuns: 1_000 },
    );
  });
});
