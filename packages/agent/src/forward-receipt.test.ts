import { HEADER } from "@vedette/proto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Forwarding } from "./testing/forwarding.ts";

let agent: Forwarding;
beforeEach(() => {
  agent = new Forwarding();
});
afterEach(() => agent.end());

test("a receipt that renews the epoch leaves the rest in the old one, and it is sent again", async () => {
  agent.append(3);
  await agent.clock.advance(100);
  const old = agent.outbox.epoch.id;
  agent.receipt({ stored: [{ first: 1, last: 1 }], renewEpoch: true });
  await agent.clock.advance(200);
  expect(agent.outbox.epoch.id).not.toBe(old);
  expect(agent.arrived.at(-1)?.headers).toEqual({ [HEADER.epoch]: old, [HEADER.first]: "2", [HEADER.last]: "3" });
  agent.append(1);
  await agent.clock.advance(200);
  expect(agent.arrived.at(-1)?.headers).toEqual({ [HEADER.epoch]: agent.outbox.epoch.id, [HEADER.first]: "1", [HEADER.last]: "1" });
  agent.receipt({ stored: [{ first: 2, last: 3 }] });
  expect(agent.outbox.size().depth).toBe(1);
});

test("a receipt that answers no message of ours removes nothing, whatever it covers: an agent of the same disk got it", async () => {
  agent.append(2);
  await agent.clock.advance(100);
  const [own] = agent.arrived;
  if (own === undefined) throw new Error("nothing was sent");
  const stored = [{ first: 1, last: 2 }];
  agent.answer({ ...own, payload: Uint8Array.of(1) }, { stored });
  agent.answer(own, { stored, message: new Uint8Array() });
  agent.answer(own, { stored: [{ first: 1, last: 3 }] });
  agent.answer(own, { stored, epoch: "f".repeat(32) });
  expect(agent.outbox.size().depth).toBe(2);
  expect(agent.applied).toEqual([]);
  agent.answer(own, { stored });
  expect(agent.outbox.size().depth).toBe(0);
});

test("a receipt that names another epoch of ours than its message's removes nothing", async () => {
  agent.append(2);
  await agent.clock.advance(100);
  agent.outbox.renewEpoch();
  agent.append(2);
  await agent.clock.advance(1000);
  const [older, newer] = [
    agent.arrived.find((a) => a.batch.epoch !== agent.outbox.epoch.id),
    agent.arrived.findLast((a) => a.batch.epoch === agent.outbox.epoch.id),
  ];
  if (older === undefined || newer === undefined) throw new Error("both epochs are to be sent");
  const stored = [{ first: 1, last: 2 }];
  agent.answer(newer, { stored, epoch: older.batch.epoch });
  agent.answer(older, { stored, epoch: newer.batch.epoch });
  expect(agent.outbox.size().depth).toBe(4);
  agent.answer(newer, { stored });
  expect(agent.outbox.size().depth).toBe(2);
});

test("a receipt of a message that was sent again meanwhile still holds", async () => {
  agent.append(2);
  await agent.clock.advance(100);
  agent.reconnect();
  await agent.clock.advance(100);
  expect(agent.arrived).toHaveLength(2);
  const [first] = agent.arrived;
  if (first !== undefined) agent.answer(first, { stored: [{ first: 1, last: 2 }] });
  expect(agent.outbox.size().depth).toBe(0);
  await agent.clock.advance(30_000);
  expect(agent.arrived).toHaveLength(2);
});

test("a receipt that is faster than the broker's ack leaves nothing waiting", async () => {
  agent.onPublish = () => agent.receipt({ stored: [{ first: 1, last: 2 }] });
  agent.append(2);
  await agent.clock.advance(60_000);
  expect(agent.arrived).toHaveLength(1);
});

test("what a receipt covers that the outbox could not note goes out again, and its next receipt removes it", async () => {
  agent.append(1);
  await agent.clock.advance(100);
  const { apply } = agent.outbox;
  Object.assign(agent.outbox, {
    apply() {
      throw new Error("disk I/O error");
    },
  });
  agent.receipt({ stored: [{ first: 1, last: 1 }] });
  Object.assign(agent.outbox, { apply });
  expect(agent.outbox.size().depth).toBe(1);
  await agent.clock.advance(15_000);
  expect(agent.ranges()).toEqual([
    [1, 1],
    [1, 1],
  ]);
  agent.receipt({ stored: [{ first: 1, last: 1 }] });
  expect(agent.outbox.size().depth).toBe(0);
});

test("bytes that are no receipt change nothing", async () => {
  agent.append(1);
  await agent.clock.advance(100);
  agent.hear(Uint8Array.of(0xff, 0xff, 0xff));
  expect(agent.outbox.size().depth).toBe(1);
});
