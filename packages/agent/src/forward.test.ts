import { HEADER } from "@vedette/proto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BATCH_OBSERVATIONS, RANK } from "./outbox/outbox.ts";
import { Forwarding } from "./testing/forwarding.ts";

let agent: Forwarding;
beforeEach(() => {
  agent = new Forwarding();
});
afterEach(() => agent.end());

test("sends what was appended, with its epoch and seqs in the headers, and the clocks inside", async () => {
  agent.append(3);
  await agent.clock.advance(100);
  expect(agent.arrived).toHaveLength(1);
  expect(agent.arrived[0]?.headers).toEqual({ [HEADER.epoch]: agent.outbox.epoch.id, [HEADER.first]: "1", [HEADER.last]: "3" });
  expect(agent.arrived[0]?.batch).toMatchObject({
    epoch: agent.outbox.epoch.id,
    epochCreatedMs: 1_000_000,
    agentVersion: "1.2.3",
    clock: { bootId: "boot", offsetMs: 7, uncertaintyMs: 2 },
  });
  expect(agent.arrived[0]?.batch.observations.map((o) => o.seq)).toEqual([1, 2, 3]);
});

test("a batch after a step of the wall clock says the clocks as they are now, in the order of seq; an offset never measured is absent", async () => {
  agent.offset = undefined;
  agent.append(1);
  await agent.clock.advance(100);
  agent.clock.step(-86_400_000);
  agent.offset = { offsetMs: 86_400_000, uncertaintyMs: 40 };
  agent.append(1);
  await agent.clock.advance(1000);
  const [before, after] = agent.arrived.map((a) => a.batch);
  expect(before?.clock?.offsetMs).toBeUndefined();
  expect(before?.clock?.uncertaintyMs).toBeUndefined();
  expect(after?.clock).toMatchObject({ offsetMs: 86_400_000, uncertaintyMs: 40, bootId: "boot" });
  expect((before?.clock?.wallMs ?? 0) - (after?.clock?.wallMs ?? 0)).toBeGreaterThan(86_000_000);
  expect(after?.clock?.monotonicMs).toBeGreaterThan(before?.clock?.monotonicMs ?? 0);
  expect(after?.epochCreatedMs).toBe(before?.epochCreatedMs);
  expect(agent.ranges()).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test("the broker's ack removes nothing, the receipt does", async () => {
  agent.append(2);
  await agent.clock.advance(1000);
  expect(agent.outbox.size().depth).toBe(2);
  agent.receipt({ stored: [{ first: 1, last: 2 }] });
  expect(agent.outbox.size().depth).toBe(0);
  expect(agent.applied).toEqual([{ removed: 2, needFacts: [], epochRenewed: false }]);
  await agent.clock.advance(30_000);
  expect(agent.ranges()).toEqual([[1, 2]]);
});

test("without a receipt the same goes out again, in order, ever more rarely", async () => {
  agent.append(1);
  await agent.clock.advance(5000);
  agent.append(1);
  await agent.clock.advance(4000);
  expect(agent.ranges()).toEqual([
    [1, 1],
    [2, 2],
  ]);
  await agent.clock.advance(2000);
  expect(agent.ranges()).toEqual([
    [1, 1],
    [2, 2],
    [1, 2],
  ]);
  await agent.clock.advance(15_000);
  expect(agent.arrived).toHaveLength(3);
  await agent.clock.advance(6000);
  expect(agent.ranges()[3]).toEqual([1, 2]);
});

test("a reconnect sends again what has no receipt", async () => {
  agent.append(2);
  await agent.clock.advance(100);
  agent.receipt({ stored: [{ first: 1, last: 1 }] });
  agent.reconnect();
  await agent.clock.advance(100);
  expect(agent.ranges()).toEqual([
    [1, 2],
    [2, 2],
  ]);
});

test("a connection that ended for good is opened again and nothing is skipped", async () => {
  agent.append(1);
  await agent.clock.advance(100);
  agent.endConnection(new Error("user authentication expired"));
  await agent.clock.advance(1000);
  expect(agent.opens).toBe(2);
  expect(agent.ranges()).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test("a refused batch is tried again before any later one", async () => {
  agent.refusals = 3;
  agent.append(BATCH_OBSERVATIONS + 1);
  await agent.clock.advance(10_000);
  expect(agent.ranges().slice(0, 2)).toEqual([
    [1, BATCH_OBSERVATIONS],
    [BATCH_OBSERVATIONS + 1, BATCH_OBSERVATIONS + 1],
  ]);
});

test("no more than eight batches are on their way without a receipt", async () => {
  agent.append(9 * BATCH_OBSERVATIONS);
  await agent.clock.advance(5000);
  expect(agent.arrived).toHaveLength(8);
  agent.receipt({ stored: [{ first: 1, last: BATCH_OBSERVATIONS }] });
  await agent.clock.advance(1000);
  expect(agent.arrived).toHaveLength(9);
});

test("behind a backlog, changes go ahead and confirmations wait; in its turn goes only what has no receipt", async () => {
  const batches = 20;
  const backlog = batches * BATCH_OBSERVATIONS;
  agent.append(backlog);
  await agent.clock.advance(1000);
  agent.reconnect();
  await agent.clock.advance(1000);
  const before = agent.arrived.length;
  agent.append(1, RANK.confirmation);
  await agent.clock.advance(1000);
  expect(agent.arrived).toHaveLength(before);
  agent.append(2);
  await agent.clock.advance(1000);
  expect(agent.ranges().slice(before)).toEqual([[backlog + 2, backlog + 3]]);
  agent.receipt({ stored: [{ first: backlog + 2, last: backlog + 3 }] });
  for (let b = 0; b < batches; b++) {
    agent.receipt({ stored: [{ first: b * BATCH_OBSERVATIONS + 1, last: (b + 1) * BATCH_OBSERVATIONS }] });
    await agent.clock.advance(200);
  }
  // A confirmation that is no backlog waits for others.
  await agent.clock.advance(10_000);
  const rest = agent.ranges().slice(before + 1);
  expect(rest.at(-1)).toEqual([backlog + 1, backlog + 1]);
  expect(rest.map(([first]) => first)).toEqual(rest.map(([first]) => first).toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  expect(rest).toHaveLength(batches - 8 + 1);
});

test("no more than two batches that went ahead wait for their receipts, and lost ones go again", async () => {
  agent.append(20 * BATCH_OBSERVATIONS);
  await agent.clock.advance(100);
  agent.reconnect();
  await agent.clock.advance(100);
  const before = agent.arrived.length;
  for (let i = 0; i < 4; i++) {
    agent.append(1);
    agent.append(1, RANK.confirmation);
    await agent.clock.advance(100);
  }
  const fresh = 20 * BATCH_OBSERVATIONS + 1;
  expect(agent.ranges().slice(before)).toEqual([
    [fresh, fresh],
    [fresh + 2, fresh + 2],
  ]);
  agent.receipt({ stored: [{ first: fresh, last: fresh }] });
  await agent.clock.advance(100);
  expect(agent.ranges().at(-1)).toEqual([fresh + 4, fresh + 4]);
  await agent.clock.advance(11_000);
  const again = agent.ranges().slice(before + 3);
  expect(again.slice(0, 2)).toEqual([
    [fresh + 2, fresh + 2],
    [fresh + 4, fresh + 4],
  ]);
  expect(again[2]).toEqual([1, BATCH_OBSERVATIONS]);
});

test("confirmations wait for others of their kind; a change, or the end of the agent, takes them along at once", async () => {
  await agent.clock.advance(1_000);
  agent.append(1, RANK.confirmation);
  await agent.clock.advance(6_000);
  agent.append(1, RANK.confirmation);
  await agent.clock.advance(3_900);
  expect(agent.ranges()).toEqual([]);
  await agent.clock.advance(200);
  expect(agent.ranges()).toEqual([[1, 2]]);
  agent.receipt({ stored: [{ first: 1, last: 2 }] });

  agent.append(1, RANK.confirmation);
  await agent.clock.advance(1_000);
  agent.append(1);
  await agent.clock.advance(100);
  expect(agent.ranges().slice(1)).toEqual([[3, 4]]);
  agent.receipt({ stored: [{ first: 3, last: 4 }] });

  agent.append(1, RANK.confirmation);
  await agent.clock.advance(1_000);
  agent.forwarder.hurry();
  await agent.clock.advance(100);
  expect(agent.ranges().slice(2)).toEqual([[5, 5]]);
});

test("a reconnect while a batch is being handed over sends again what was on its way before it", async () => {
  agent.append(1);
  await agent.clock.advance(100);
  agent.onPublish = () => {
    agent.onPublish = () => undefined;
    agent.reconnect();
  };
  agent.append(1);
  await agent.clock.advance(200);
  expect(agent.ranges()).toEqual([
    [1, 1],
    [2, 2],
    [1, 2],
  ]);
});

test("an outbox that cannot be read or written for a while stops nothing for good", async () => {
  agent.append(1);
  await agent.clock.advance(100);
  const { apply, batch } = agent.outbox;
  const broken = () => {
    throw new Error("disk I/O error");
  };
  Object.assign(agent.outbox, { apply: broken, batch: broken });
  agent.receipt({ stored: [{ first: 1, last: 1 }] });
  agent.append(1);
  await agent.clock.advance(1000);
  Object.assign(agent.outbox, { apply, batch });
  await agent.clock.advance(60_000);
  agent.receipt({ stored: [{ first: 1, last: 2 }] });
  expect(agent.outbox.size().depth).toBe(0);
});
