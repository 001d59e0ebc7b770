import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { HEADER, type ObservationBatch, ObservationBatchSchema, Outcome, ReceiptSchema } from "@vedette/proto";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createForwarder, type Forwarder } from "./forward.ts";
import { createMemoryOutbox } from "./outbox/memory.ts";
import { type Applied, BATCH_OBSERVATIONS, type Outbox, RANK, type Rank } from "./outbox/outbox.ts";
import type { BrokerHandlers } from "./publish.ts";
import { createFakeClock, type FakeClock } from "./testing/fake-clock.ts";

interface Arrived {
  readonly batch: ObservationBatch;
  readonly headers: Readonly<Record<string, string>>;
}

let clock: FakeClock;
let outbox: Outbox;
let forwarder: Forwarder;
let handlers: BrokerHandlers;
let arrived: Arrived[];
let applied: Applied[];
let refusals: number;
let opens: number;
let endConnection: (reason?: Error) => void;
let ends: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = createFakeClock(1_000_000);
  outbox = createMemoryOutbox({ now: () => clock.wall() });
  arrived = [];
  applied = [];
  refusals = 0;
  opens = 0;
  ends = new AbortController();
  forwarder = createForwarder({
    outbox,
    clock,
    random: () => 0.5,
    agentVersion: "1.2.3",
    bootId: "boot",
    offset: () => ({ offsetMs: 7, uncertaintyMs: 2 }),
    onApplied: (a) => applied.push(a),
    logger: pino({ level: "silent" }),
    async open(h) {
      opens++;
      handlers = h;
      const closed = Promise.withResolvers<Error | undefined>();
      endConnection = closed.resolve;
      return {
        async publish(payload, headers) {
          if (refusals > 0) {
            refusals--;
            throw new Error("503");
          }
          arrived.push({ batch: fromBinary(ObservationBatchSchema, payload), headers });
        },
        close: async () => closed.resolve(undefined),
        closed: closed.promise,
      };
    },
  });
  running = forwarder.run(ends.signal);
});

afterEach(async () => {
  ends.abort();
  await running;
});

function append(count: number, rank: Rank = RANK.change): void {
  outbox.append(
    Array.from({ length: count }, (_, i) => ({
      look: `look-${i}`,
      rank,
      draft: { probe: "http.root" },
      told: { outcome: Outcome.IDENTIFIED, fault: "", reportedAtMs: 0, repeats: 1 },
    })),
  );
  forwarder.wake();
}

function receipt(r: MessageInitShape<typeof ReceiptSchema>): void {
  handlers.onReceipt(toBinary(ReceiptSchema, create(ReceiptSchema, { epoch: outbox.epoch.id, ...r })));
}

const ranges = () => arrived.map(({ headers }) => [Number(headers[HEADER.first]), Number(headers[HEADER.last])]);

test("sends what was appended, with its epoch and seqs in the headers, and the clocks inside", async () => {
  append(3);
  await clock.advance(100);
  expect(arrived).toHaveLength(1);
  expect(arrived[0]?.headers).toEqual({ [HEADER.epoch]: outbox.epoch.id, [HEADER.first]: "1", [HEADER.last]: "3" });
  expect(arrived[0]?.batch).toMatchObject({
    epoch: outbox.epoch.id,
    epochCreatedMs: 1_000_000,
    agentVersion: "1.2.3",
    clock: { bootId: "boot", offsetMs: 7, uncertaintyMs: 2 },
  });
  expect(arrived[0]?.batch.observations.map((o) => o.seq)).toEqual([1, 2, 3]);
});

test("the broker's ack removes nothing, the receipt does", async () => {
  append(2);
  await clock.advance(1000);
  expect(outbox.size().depth).toBe(2);
  receipt({ stored: [{ first: 1, last: 2 }] });
  expect(outbox.size().depth).toBe(0);
  expect(applied).toEqual([{ removed: 2, needFacts: [], epochRenewed: false }]);
  await clock.advance(30_000);
  expect(ranges()).toEqual([[1, 2]]);
});

test("without a receipt the same goes out again, in order, ever more rarely", async () => {
  append(1);
  await clock.advance(5000);
  append(1);
  await clock.advance(4000);
  expect(ranges()).toEqual([
    [1, 1],
    [2, 2],
  ]);
  await clock.advance(2000);
  expect(ranges()).toEqual([
    [1, 1],
    [2, 2],
    [1, 2],
  ]);
  await clock.advance(15_000);
  expect(arrived).toHaveLength(3);
  await clock.advance(6000);
  expect(ranges()[3]).toEqual([1, 2]);
});

test("a reconnect sends again what has no receipt", async () => {
  append(2);
  await clock.advance(100);
  receipt({ stored: [{ first: 1, last: 1 }] });
  handlers.onReconnect();
  await clock.advance(100);
  expect(ranges()).toEqual([
    [1, 2],
    [2, 2],
  ]);
});

test("a connection that ended for good is opened again and nothing is skipped", async () => {
  append(1);
  await clock.advance(100);
  endConnection(new Error("user authentication expired"));
  await clock.advance(1000);
  expect(opens).toBe(2);
  expect(ranges()).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test("a refused batch is tried again before any later one", async () => {
  refusals = 3;
  append(BATCH_OBSERVATIONS + 1);
  await clock.advance(10_000);
  expect(ranges().slice(0, 2)).toEqual([
    [1, BATCH_OBSERVATIONS],
    [BATCH_OBSERVATIONS + 1, BATCH_OBSERVATIONS + 1],
  ]);
});

test("no more than eight batches are on their way without a receipt", async () => {
  append(9 * BATCH_OBSERVATIONS);
  await clock.advance(5000);
  expect(arrived).toHaveLength(8);
  receipt({ stored: [{ first: 1, last: BATCH_OBSERVATIONS }] });
  await clock.advance(1000);
  expect(arrived).toHaveLength(9);
});

test("behind a backlog, changes go ahead and confirmations wait; in its turn goes only what has no receipt", async () => {
  const batches = 20;
  const backlog = batches * BATCH_OBSERVATIONS;
  append(backlog);
  await clock.advance(1000);
  handlers.onReconnect();
  await clock.advance(1000);
  const before = arrived.length;
  append(1, RANK.confirmation);
  await clock.advance(1000);
  expect(arrived).toHaveLength(before);
  append(2);
  await clock.advance(1000);
  expect(ranges().slice(before)).toEqual([[backlog + 2, backlog + 3]]);
  receipt({ stored: [{ first: backlog + 2, last: backlog + 3 }] });
  for (let b = 0; b < batches; b++) {
    receipt({ stored: [{ first: b * BATCH_OBSERVATIONS + 1, last: (b + 1) * BATCH_OBSERVATIONS }] });
    await clock.advance(200);
  }
  const rest = ranges().slice(before + 1);
  expect(rest.at(-1)).toEqual([backlog + 1, backlog + 1]);
  expect(rest.map(([first]) => first)).toEqual(rest.map(([first]) => first).toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  expect(rest).toHaveLength(batches - 8 + 1);
});

test("no more than two batches that went ahead wait for their receipts, and lost ones go again", async () => {
  append(20 * BATCH_OBSERVATIONS);
  await clock.advance(100);
  handlers.onReconnect();
  await clock.advance(100);
  const before = arrived.length;
  for (let i = 0; i < 4; i++) {
    append(1);
    append(1, RANK.confirmation);
    await clock.advance(100);
  }
  const fresh = 20 * BATCH_OBSERVATIONS + 1;
  expect(ranges().slice(before)).toEqual([
    [fresh, fresh],
    [fresh + 2, fresh + 2],
  ]);
  receipt({ stored: [{ first: fresh, last: fresh }] });
  await clock.advance(100);
  expect(ranges().at(-1)).toEqual([fresh + 4, fresh + 4]);
  await clock.advance(11_000);
  const again = ranges().slice(before + 3);
  expect(again.slice(0, 2)).toEqual([
    [fresh + 2, fresh + 2],
    [fresh + 4, fresh + 4],
  ]);
  expect(again[2]).toEqual([1, BATCH_OBSERVATIONS]);
});

test("a receipt that renews the epoch sends the rest again under the new one", async () => {
  append(3);
  await clock.advance(100);
  const old = outbox.epoch.id;
  receipt({ stored: [{ first: 1, last: 1 }], renewEpoch: true });
  await clock.advance(200);
  expect(outbox.epoch.id).not.toBe(old);
  // The two that are left, and the record of their old seqs.
  expect(arrived.at(-1)?.headers).toEqual({ [HEADER.epoch]: outbox.epoch.id, [HEADER.first]: "1", [HEADER.last]: "3" });
});

test("bytes that are no receipt change nothing", async () => {
  append(1);
  await clock.advance(100);
  handlers.onReceipt(Uint8Array.of(0xff, 0xff, 0xff));
  expect(outbox.size().depth).toBe(1);
});
