import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Changeset, ChangesetError, decodePart, encodeChangeset, joinParts } from "./changeset.ts";

const row = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }).filter((k) => k !== "__proto__"),
  fc.oneof(
    fc.string(),
    fc.nat(3_000).map((n) => "ä".repeat(n)),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  ),
);
const changeset: fc.Arbitrary<Changeset> = fc.record({
  bucket: fc.nat(1023),
  era: fc.integer({ min: 1, max: 1000 }),
  seq: fc.integer({ min: 1, max: 1_000_000 }),
  recordedAt: fc.nat(2 ** 41),
  derivedThrough: fc.nat(2 ** 41),
  code: fc.string(),
  tables: fc.uniqueArray(
    fc.record({ table: fc.constantFrom("belief", "event", "state", "device"), rows: fc.array(row, { minLength: 1, maxLength: 20 }) }),
    { selector: (t) => t.table },
  ),
});

function gather(c: Changeset): Map<string, unknown[]> {
  const rows = new Map<string, unknown[]>();
  for (const t of c.tables) rows.set(t.table, [...(rows.get(t.table) ?? []), ...t.rows]);
  return rows;
}

describe("changeset", () => {
  it("keeps every row in order over any number of parts", () => {
    fc.assert(
      fc.property(changeset, fc.integer({ min: 1600, max: 5000 }), (c, maxBytes) => {
        const bytes = encodeChangeset(c, maxBytes);
        for (const b of bytes) expect(b.length).toBeLessThanOrEqual(maxBytes);
        const joined = joinParts(bytes.map(decodePart));
        expect(joined).not.toBeNull();
        if (joined === null) return;
        expect(gather(joined)).toEqual(gather(JSON.parse(JSON.stringify(c)) as Changeset));
        expect({ ...joined, tables: [] }).toEqual({ ...c, tables: [] });
      }),
    );
  });

  it("waits for the parts that are missing", () => {
    const c: Changeset = {
      bucket: 1,
      era: 1,
      seq: 1,
      recordedAt: 5,
      derivedThrough: 4,
      code: "1",
      tables: [{ table: "belief", rows: Array.from({ length: 50 }, (_, i) => ({ i, text: "x".repeat(100) })) }],
    };
    const parts = encodeChangeset(c, 2000).map(decodePart);
    expect(parts.length).toBeGreaterThan(2);
    expect(joinParts(parts.slice(0, -1))).toBeNull();
  });

  it("refuses bytes that are no changeset", () => {
    expect(() => decodePart(new Uint8Array([0xff, 0xff, 0xff]))).toThrow(ChangesetError);
  });

  it("cuts a row that fits no message, and puts it together again", () => {
    const long = { text: "ä".repeat(4000) };
    const c: Changeset = {
      bucket: 1,
      era: 1,
      seq: 1,
      recordedAt: 5,
      derivedThrough: 4,
      code: "1",
      tables: [
        { table: "belief", rows: [{ n: 1 }, long, { n: 2 }, long] },
        { table: "event", rows: [long, { n: 3 }] },
      ],
    };
    const bytes = encodeChangeset(c, 2000);
    for (const b of bytes) expect(b.length).toBeLessThanOrEqual(2000);
    const joined = joinParts(bytes.map(decodePart));
    expect(joined === null ? null : gather(joined)).toEqual(gather(c));
    expect(joinParts(bytes.slice(0, -1).map(decodePart))).toBeNull();
  });
});
