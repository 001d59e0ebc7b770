import { fromBinary } from "@bufbuild/protobuf";
import { ReceiptSchema } from "@vedette/proto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Recent } from "./memory.ts";
import { ranges, rejectedReceipt } from "./receipt.ts";

it("ranges hold exactly the seqs, and no two touch", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 200 })), (list) => {
      const seqs = list.sort((a, b) => a - b);
      const found = ranges(seqs);
      const back = found.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      expect(back).toEqual(seqs);
      expect(found.every((r, i) => i === 0 || r.first > (found[i - 1]?.last ?? 0) + 1)).toBe(true);
    }),
  );
});

it("a rejected message's receipt covers what its headers claim", () => {
  const receipt = fromBinary(ReceiptSchema, rejectedReceipt(Buffer.from("as it came"), { epoch: "e", first: 3, last: 9 }, "why"));
  expect(receipt).toMatchObject({ epoch: "e", stored: [], rejected: [{ range: { first: 3, last: 9 }, reason: "why" }], renewEpoch: false });
});

it("forgets what was used least recently", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  expect(recent.get("a")).toBe(1);
  recent.set("c", 3);
  expect([recent.get("a"), recent.get("b"), recent.get("c")]).toEqual([1, undefined, 3]);
});
