import { createHash } from "node:crypto";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { HEADER, type ObservationBatch, ObservationBatchSchema, Outcome, ReceiptSchema } from "@vedette/proto";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Offset } from "./encode-batch.ts";
import { createForwarder, type Forwarder } from "./forward.ts";
import { createMemoryOutbox } from "./outbox/memory.ts";
import { type Applied, BATCH_OBSERVATIONS, type Outbox, RANK, type Rank } from "./outbox/outbox.ts";
import type { BrokerHandlers } from "./publish.ts";
import { createFakeClock, type FakeClock } from "./testing/fake-clock.ts";

interface Arrived {
  readonly payload: Uint8Array;
  readonly first: number;
  readonly last: number;
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
/** What happens between a message's arrival and its ack. */
let onPublish: () => void;
let opens: number;
let offset: Offset | undefined;
let endConnection: (reason?: Error) => void;
let ends: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = createFakeClock(1_000_000);
  outbox = createMemoryOutbox({ now: () => clock.wall() });
  arrived = [];
  applied = [];
  refusals = 0;
  onPublish = () => undefined;
  opens = 0;
  offset = { offsetMs: 7, uncertaintyMs: 2 };
  ends = new AbortController();
  forwarder = createForwarder({
    outbox,
    clock,
    random: () => 0.5,
    agentVersion: "1.2.3",
    bootId: "boot",
    offset: () => offset,
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
          const batch = fromBinary(ObservationBatchSchema, payload);
          arrived.push({ payload, first: Number(headers[HEADER.first]), last: Number(headers[HEADER.last]), batch, headers });
          onPublish();
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

/** For the newest message that holds all that it covers, as the centre does. */
function receipt(r: Pick<MessageInitShape<typeof ReceiptSchema>, "stored" | "renewEpoch">): void {
  const covers = (a: Arrived) => (r.stored ?? []).every(({ first = 0, last = 0 }) => a.first <= first && last <= a.last);
  const answered = arrived.findLast(covers);
  if (answered === undefined) throw new Error("no message holds what the receipt covers");
  answer(answered, r);
}

function answer({ batch, payload }: Arrived, r: MessageInitShape<typeof ReceiptSchema>): void {
  const message = createHash("sha256").update(payload).digest();
  handlers.onReceipt(toBinary(ReceiptSchema, create(ReceiptSchema, { epoch: batch.epoch, message, ...r })));
}

const ranges = () => arrived.map(({ first, last }) => [first, last]);

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

test("a batch after a step of the wall clock says the clocks as they are now, in the order of seq; an offset never measured is absent", async () => {
  offset = undefined;
  append(1);
  await clock.advance(100);
  clock.step(-86_400_000);
  offset = { offsetMs: 86_400_000, uncertaintyMs: 40 };
  append(1);
  await clock.advance(1000);
  const [before, after] = arrived.map((a) => a.batch);
  expect(before?.clock?.offsetMs).toBeUndefined();
  expect(before?.clock?.uncertaintyMs).toBeUndefined();
  expect(after?.clock).toMatchObject({ offsetMs: 86_400_000, uncertaintyMs: 40, bootId: "boot" });
  expect((before?.clock?.wallMs ?? 0) - (after?.clock?.wallMs ?? 0)).toBeGreaterThan(86_000_000);
  expect(after?.clock?.monotonicMs).toBeGreaterThan(before?.clock?.monotonicMs ?? 0);
  expect(after?.epochCreatedMs).toBe(before?.epochCreatedMs);
  expect(ranges()).toEqual([
    [1, 1],
    [2, 2],
  ]);
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
  // A confirmation that is no backlog waits for others.
  await clock.advance(10_000);
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

test("confirmations wait for others of their kind; a change, or the end of the agent, takes them along at once", async () => {
  await clock.advance(1_000);
  append(1, RANK.confirmation);
  await clock.advance(6_000);
  append(1, RANK.confirmation);
  await clock.advance(3_900);
  expect(ranges()).toEqual([]);
  await clock.advance(200);
  expect(ranges()).toEqual([[1, 2]]);
  receipt({ stored: [{ first: 1, last: 2 }] });

  append(1, RANK.confirmation);
  await clock.advance(1_000);
  append(1);
  await clock.advance(100);
  expect(ranges().slice(1)).toEqual([[3, 4]]);
  receipt({ stored: [{ first: 3, last: 4 }] });

  append(1, RANK.confirmation);
  await clock.advance(1_000);
  forwarder.hurry();
  await clock.advance(100);
  expect(ranges().slice(2)).toEqual([[5, 5]]);
});

test("a receipt that renews the epoch leaves the rest in the old one, and it is sent again", async () => {
  append(3);
  await clock.advance(100);
  const old = outbox.epoch.id;
  receipt({ stored: [{ first: 1, last: 1 }], renewEpoch: true });
  await clock.advance(200);
  expect(outbox.epoch.id).not.toBe(old);
  expect(arrived.at(-1)?.headers).toEqual({ [HEADER.epoch]: old, [HEADER.first]: "2", [HEADER.last]: "3" });
  append(1);
  await clock.advance(200);
  expect(arrived.at(-1)?.headers).toEqual({ [HEADER.epoch]: outbox.epoch.id, [HEADER.first]: "1", [HEADER.last]: "1" });
  receipt({ stored: [{ first: 2, last: 3 }] });
  expect(outbox.size().depth).toBe(1);
});

test("a receipt that answers no message of ours removes nothing, whatever it covers: an agent of the same disk got it", async () => {
  append(2);
  await clock.advance(100);
  const [own] = arrived;
  if (own === undefined) throw new Error("nothing was sent");
  const stored = [{ first: 1, last: 2 }];
  answer({ ...own, payload: Uint8Array.of(1) }, { stored });
  answer(own, { stored, message: new Uint8Array() });
  answer(own, { stored: [{ first: 1, last: 3 }] });
  answer(own, { stored, epoch: "f".repeat(32) });
  expect(outbox.size().depth).toBe(2);
  expect(applied).toEqual([]);
  answer(own, { stored });
  expect(outbox.size().depth).toBe(0);
});

test("a receipt that names another epoch of ours than its message's removes nothing", async () => {
  append(2);
  await clock.advance(100);
  outbox.renewEpoch();
  append(2);
  await clock.advance(1000);
  const [older, newer] = [
    arrived.find((a) => a.batch.epoch !== outbox.epoch.id),
    arrived.findLast((a) => a.batch.epoch === outbox.epoch.id),
  ];
  if (older === undefined || newer === undefined) throw new Error("both epochs are to be sent");
  const stored = [{ first: 1, last: 2 }];
  answer(newer, { stored, epoch: older.batch.epoch });
  answer(older, { stored, epoch: newer.batch.epoch });
  expect(outbox.size().depth).toBe(4);
  answer(newer, { stored });
  expect(outbox.size().depth).toBe(2);
});

test("a receipt of a message that was sent again meanwhile still holds", async () => {
  append(2);
  await clock.advance(100);
  handlers.onReconnect();
  await clock.advance(100);
  expect(arrived).toHaveLength(2);
  const [first] = arrived;
  if (first !== undefined) answer(first, { stored: [{ first: 1, last: 2 }] });
  expect(outbox.size().depth).toBe(0);
  await clock.advance(30_000);
  expect(arrived).toHaveLength(2);
});

test("a receipt that is faster than the broker's ack leaves nothing waiting", async () => {
  onPublish = () => receipt({ stored: [{ first: 1, last: 2 }] });
  append(2);
  await clock.advance(60_000);
  expect(arrived).toHaveLength(1);
});

test("a reconnect while a batch is being handed over sends again what was on its way before it", async () => {
  append(1);
  await clock.advance(100);
  onPublish = () => {
    onPublish = () => undefined;
    handlers.onReconnect();
  };
  append(1);
  await clock.advance(200);
  expect(ranges()).toEqual([
    [1, 1],
    [2, 2],
    [1, 2],
  ]);
});

test("an outbox that cannot be read or written for a while stops nothing for good", async () => {
  append(1);
  await clock.advance(100);
  const { apply, batch } = outbox;
  const broken = () => {
    throw new Error("disk I/O error");
  };
  Object.assign(outbox, { apply: broken, batch: broken });
  receipt({ stored: [{ first: 1, last: 1 }] });
  append(1);
  await clock.advance(1000);
  Object.assign(outbox, { apply, batch });
  await clock.advance(60_000);
  receipt({ stored: [{ first: 1, last: 2 }] });
  expect(outbox.size().depth).toBe(0);
});

test("what a receipt covers that the outbox could not note goes out again, and its next receipt removes it", async () => {
  append(1);
  await clock.advance(100);
  const { apply } = outbox;
  Object.assign(outbox, {
    apply() {
      throw new Error("disk I/O error");
    },
  });
  receipt({ stored: [{ first: 1, last: 1 }] });
  Object.assign(outbox, { apply });
  expect(outbox.size().depth).toBe(1);
  await clock.advance(15_000);
  expect(ranges()).toEqual([
    [1, 1],
    [1, 1],
  ]);
  receipt({ stored: [{ first: 1, last: 1 }] });
  expect(outbox.size().depth).toBe(0);
});

test("bytes that are no receipt change nothing", async () => {
  append(1);
  await clock.advance(100);
  handlers.onReceipt(Uint8Array.of(0xff, 0xff, 0xff));
  expect(outbox.size().depth).toBe(1);
});
