import { fromBinary } from "@bufbuild/protobuf";
import { ReceiptSchema } from "@vedette/proto";
import { expect, it } from "vitest";
import { Recent } from "./memory.ts";
import { rejectedReceipt } from "./receipt.ts";

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
