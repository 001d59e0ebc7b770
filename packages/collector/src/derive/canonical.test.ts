import fc from "fast-check";
import { expect, it } from "vitest";
import { canonical, isSame } from "./canonical.ts";

/** Small, so that two of them are often equal but for one thing. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    fc.constantFrom(undefined, null, 0, 1, "", "a", false),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2, noNullPrototype: true }),
  ),
}));

it("finds the same what is spelled the same, and nothing else", () => {
  let same = 0;
  fc.assert(
    fc.property(value, value, (a, b) => {
      const isSpelledSame = canonical(a) === canonical(b);
      if (isSpelledSame) same += 1;
      expect(isSame(a, b)).toBe(isSpelledSame);
      expect(isSame(a, structuredClone(a))).toBe(true);
    }),
    { numRuns: 5_000 },
  );
  expect(same).toBeGreaterThan(100);
});
