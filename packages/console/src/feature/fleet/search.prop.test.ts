import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch, searchText } from "./search.ts";

const piece = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    "model:",
    "vendor:",
    "clause:5.3.1.1=fail",
    "clause:",
    "seen:<1h",
    "seen:>99d",
    "status:fail",
    "level:none",
    'model:"a b"',
    '"',
    ":",
  ),
);
const typed = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(" "));

test("any text is parsed, and what it says survives being written out", () => {
  fc.assert(
    fc.property(typed, (text) => {
      const search = parseSearch(text);
      const { wrong: _, ...said } = search;
      const { wrong, ...again } = parseSearch(searchText(search));
      expect(wrong).toEqual([]);
      expect(again).toEqual(said);
    }),
    { numRuns: 1_000 },
  );
});
