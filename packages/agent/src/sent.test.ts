import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Receipt, ReceiptSchema } from "@vedette/proto";
import { beforeEach, expect, test } from "vitest";
import type { OutboxBatch } from "./outbox/outbox.ts";
import { createSentMessages, type SentMessages } from "./sent.ts";

const EPOCH = "a".repeat(32);

let sent: SentMessages;

beforeEach(() => {
  sent = createSentMessages();
});

/** Hands a message over and returns its bytes. */
function send(first: number, last: number): Uint8Array {
  const payload = Uint8Array.of(first, last);
  const batch: OutboxBatch = { epoch: { id: EPOCH, createdMs: 1 }, first, last, end: last, observations: [] };
  sent.accepted(sent.note(payload, batch), "order", first);
  return payload;
}

function receiptOf(payload: Uint8Array, stored: readonly [number, number][], rejected: readonly [number, number][] = []): Receipt {
  const range = ([first, last]: readonly [number, number]) => ({ first, last });
  return create(ReceiptSchema, {
    epoch: EPOCH,
    stored: stored.map(range),
    rejected: rejected.map((r) => ({ range: range(r), reason: "facts do not decode" })),
    message: createHash("sha256").update(payload).digest(),
  });
}

test("a message of which some observations were rejected is answered all the same", () => {
  const payload = send(1, 9);
  send(10, 12);
  sent.settle(
    receiptOf(
      payload,
      [
        [1, 3],
        [6, 9],
      ],
      [
        [5, 5],
        [4, 4],
      ],
    ),
  );
  expect(sent.onTheWay("order")).toBe(1);
  expect(sent.oldest()).toMatchObject({ first: 10 });
});

test("a receipt that leaves a seq out leaves its message on the way, so that it is sent again", () => {
  const payload = send(1, 9);
  sent.settle(
    receiptOf(payload, [
      [1, 3],
      [5, 9],
    ]),
  );
  expect(sent.oldest()).toMatchObject({ first: 1, last: 9 });
});

test("what one receipt covers of other messages is no longer on its way either", () => {
  const whole = send(1, 9);
  send(4, 6);
  sent.settle(receiptOf(whole, [[1, 9]]));
  expect(sent.onTheWay("order")).toBe(0);
});
