import { create, toBinary } from "@bufbuild/protobuf";
import { encodeFacts, HttpRootPostureSchema, HttpRootVolatileSchema, ObservationBatchSchema, Outcome, Tier } from "@vedette/proto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Batch, BatchError, decodeBatch } from "./decode.ts";
import { toRow } from "./row.ts";

const EPOCH = "ab".repeat(16);

const GOOD = toBinary(
  ObservationBatchSchema,
  create(ObservationBatchSchema, {
    epoch: EPOCH,
    epochCreatedMs: 1.7e12,
    agentVersion: "0.1.0",
    clock: { wallMs: 1.7e12, monotonicMs: 1, bootId: "b", offsetMs: 3 },
    observations: [1, 2, 3].map((seq) => ({
      seq,
      probe: "http.root",
      probeVersion: 1,
      tier: Tier.POLITE,
      subject: { kind: { case: "endpoint" as const, value: { address: "127.18.0.4", transport: "tcp", port: 80 } } },
      interface: "lo",
      wallMs: 1.7e12,
      monotonicMs: 1,
      outcome: Outcome.IDENTIFIED,
      intervalMs: 1_000,
      body: {
        case: "facts" as const,
        value: encodeFacts("http.root", create(HttpRootPostureSchema, { status: 200, title: "監控" }), create(HttpRootVolatileSchema)),
      },
      evidence: [{ label: "head", content: new Uint8Array(64), truncated: false }],
    })),
  }),
);

/** The batch, or null where it was refused as a whole; anything else thrown fails the property. */
function attempt(bytes: Uint8Array): Batch | null {
  try {
    return decodeBatch(bytes, null);
  } catch (error) {
    if (error instanceof BatchError) return null;
    throw error;
  }
}

/** Whatever is taken makes rows that are plain JSON: no number without end, no time out of range. */
function makesRows(batch: Batch): boolean {
  const rows = batch.accepted.map((a) => toRow({ tenant: "t", site: "s", agent: "a" }, batch, a));
  const numbers = rows.flatMap((row) => Object.values(row)).filter((value) => typeof value === "number");
  return numbers.every(Number.isFinite) && batch.accepted.length + batch.refused.length === batch.last - batch.first + 1;
}

const mutation = fc.record({
  flips: fc.array(fc.tuple(fc.nat(GOOD.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
  cut: fc.option(fc.nat(GOOD.length), { nil: undefined }),
  insert: fc.option(fc.tuple(fc.nat(GOOD.length), fc.uint8Array({ maxLength: 32 })), { nil: undefined }),
});

function mutate(m: { flips: [number, number][]; cut: number | undefined; insert: [number, Uint8Array] | undefined }): Uint8Array {
  const bytes = Uint8Array.from(GOOD);
  for (const [place, value] of m.flips) bytes[place] = value;
  const cut = m.cut === undefined ? bytes : bytes.slice(0, m.cut);
  if (m.insert === undefined) return cut;
  const [place, more] = m.insert;
  return Uint8Array.from([...cut.slice(0, place), ...more, ...cut.slice(place)]);
}

it("takes the batch that is mutated below", () => {
  expect(attempt(GOOD)?.accepted).toHaveLength(3);
});

it("refuses or takes a mutated batch, and never breaks", () => {
  fc.assert(
    fc.property(mutation, (m) => {
      const batch = attempt(mutate(m));
      return batch === null || makesRows(batch);
    }),
    { numRuns: 1_000 },
  );
});

it("refuses or takes any bytes, and never breaks", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
      const batch = attempt(bytes);
      return batch === null || makesRows(batch);
    }),
    { numRuns: 1_000 },
  );
});
