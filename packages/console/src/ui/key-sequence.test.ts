import { expect, test } from "vitest";
import { matchKey } from "./key-sequence.ts";

const bound = ["g l", "g f", "f", "j"];

test("a single key hits at once", () => {
  expect(matchKey(bound, null, { key: "j", at: 0 })).toEqual({ hit: "j", pending: null });
});

test("the second key of a sequence is not taken for itself", () => {
  const { hit, pending } = matchKey(bound, null, { key: "g", at: 0 });
  expect(hit).toBeNull();
  expect(matchKey(bound, pending, { key: "f", at: 300 }).hit).toBe("g f");
});

test("a sequence that took too long is two keys", () => {
  const { pending } = matchKey(bound, null, { key: "g", at: 0 });
  expect(matchKey(bound, pending, { key: "f", at: 1_500 }).hit).toBe("f");
});

test("an unbound key clears what was begun", () => {
  const { pending } = matchKey(bound, { key: "g", at: 0 }, { key: "x", at: 10 });
  expect(pending).toBeNull();
});
