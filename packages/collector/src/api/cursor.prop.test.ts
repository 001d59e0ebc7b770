import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CursorText, CursorTime, decodeCursor, encodeCursor } from "./cursor.ts";
import { ProblemError } from "./problem.ts";

const Page = z.tuple([CursorTime, CursorText]);

describe("a cursor", () => {
  it("comes back as it went out", () => {
    const parts = fc.tuple(
      fc.integer({ min: 0, max: 7e12 }),
      fc.string({ unit: "binary", maxLength: 300 }).filter((s) => s.isWellFormed()),
    );
    fc.assert(
      fc.property(parts, (page) => {
        expect(decodeCursor(encodeCursor(page), Page)).toEqual(page);
      }),
      { numRuns: 1_000 },
    );
  });

  it("that is not ours is refused, whatever it is", () => {
    const json = fc.json().map((text) => Buffer.from(text).toString("base64url"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), json), (text) => {
        try {
          const [time, id] = decodeCursor(text, Page);
          expect(Number.isInteger(time) && id.length <= 300).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
          expect(error).toMatchObject({ statusCode: 400, field: "cursor" });
        }
      }),
      { numRuns: 1_000 },
    );
    for (const parts of [[1e300, "x"], [-1, "x"], [0.5, "x"], ["0", "x"], [0], [0, "x", "y"], [0, "x".repeat(301)], [null, "x"]]) {
      expect(() => decodeCursor(encodeCursor(parts), Page)).toThrow("not a cursor of this list");
    }
  });
});
