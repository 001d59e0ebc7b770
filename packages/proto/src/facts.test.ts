import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePosture, encodeFacts, FACTS, FactsError, PROBE_IDS, parseFacts } from "./facts.ts";

test("what decodes reads back the same", () => {
  for (const probe of PROBE_IDS) {
    const encoded = encodeFacts(probe, create(FACTS[probe].posture) as never, create(FACTS[probe].volatile) as never);
    const plain = decodePosture(probe, encoded.posture);
    expect(parseFacts(probe, plain)).toEqual(plain);
  }
});

test("what is left out is filled in, volatile facts stay absent", () => {
  expect(parseFacts("http.root", { status: 401 })).toMatchObject({ status: 401, challenges: [], loginForm: false });
  expect(parseFacts("http.root", {})).not.toHaveProperty("bodyBytes");
  expect(parseFacts("http.root", { bodyBytes: 3 })).toMatchObject({ bodyBytes: 3 });
});

test.each([
  ["a fact that does not exist", { colour: 1 }, /there is no fact "colour"/],
  ["a fact of another type", { status: "ok" }, /HttpRootPosture\.status/],
  ["no object", [], /must be an object/],
])("%s is refused by name", (_, json, message) => {
  expect(() => parseFacts("http.root", json)).toThrow(FactsError);
  expect(() => parseFacts("http.root", json)).toThrow(message);
});

test("anything is read or refused as FactsError", () => {
  fc.assert(
    fc.property(fc.constantFrom(...PROBE_IDS), fc.anything(), (probe, json) => {
      try {
        parseFacts(probe, json);
      } catch (error) {
        expect(error).toBeInstanceOf(FactsError);
      }
    }),
    { numRuns: 1000 },
  );
});
