import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "./canonical.ts";
import { ChainError, type ChainedDocument, type Head, linkDocument, readDocument, verifyChain } from "./chain.ts";

function chain(length: number): ChainedDocument[] {
  const documents: ChainedDocument[] = [];
  let head: Head | null = null;
  for (let n = 1; n <= length; n += 1) {
    const document: ChainedDocument = linkDocument("t", head, { kind: "site", id: `s${n}`, body: { name: `Site ${n}` } }, "u", n);
    documents.push(document);
    head = document;
  }
  return documents;
}

describe("canonical JSON", () => {
  it("sorts keys by code unit, leaves out what has no value and keeps lists", () => {
    expect(canonicalJson({ b: 1, a: [true, null, "é\n"], "10": 0.5, Z: undefined, "€": {} })).toBe(
      '{"10":0.5,"a":[true,null,"é\\n"],"b":1,"€":{}}',
    );
  });

  it("says the same whatever the order of keys, and is JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const once = canonicalJson(value as Json);
        expect(canonicalJson(JSON.parse(once))).toBe(once);
        expect(JSON.parse(once)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalJson("\ud800")).toThrow(TypeError);
  });
});

describe("the chain", () => {
  it("holds from the first to the last", () => {
    const documents = chain(5);
    expect(verifyChain(documents)).toEqual({ seq: 5, hash: documents[4]?.hash });
    expect(verifyChain([])).toBeNull();
    expect(readDocument(documents[2]?.encoded ?? new Uint8Array())).toEqual(documents[2]);
  });

  it("breaks where one is missing, doubled, changed or swapped", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.nat(),
        fc.constantFrom("missing", "doubled", "changed", "body", "swapped"),
        (length, at, how) => {
          const documents = chain(length);
          const i = at % (length - 1);
          const victim = documents[i] as ChainedDocument;
          if (how === "missing") documents.splice(i, 1);
          if (how === "doubled") documents.splice(i, 0, victim);
          if (how === "changed")
            documents[i] = linkDocument("t", documents[i - 1] ?? null, { kind: "site", id: victim.id, body: { name: "Other" } }, "u", 0);
          if (how === "body") documents[i] = { ...victim, body: '{"name":"Other"}' };
          if (how === "swapped") documents.splice(i, 2, documents[i + 1] as ChainedDocument, victim);
          expect(() => verifyChain(documents)).toThrow(ChainError);
        },
      ),
    );
  });

  it("refuses bytes that are no document", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(readDocument(bytes).hash).toHaveLength(64);
        } catch (error) {
          expect(error).toBeInstanceOf(ChainError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
