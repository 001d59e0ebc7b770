/** From an agent's message to rows in ClickHouse and a receipt, with real servers that are killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { Ingest, type SiteName } from "@vedette/collector/src/ingest/index.ts";
import { migrate, readCompact, readObservation, readQuarantine, readTouchedSites } from "@vedette/collector/src/store/index.ts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  batchHeaders,
  batchOf,
  confirmation,
  gather,
  httpObservation,
  newEpoch,
  observation,
  type SentBatch,
  startTestStack,
  TestAgent,
  type TestStack,
  waitFor,
} from "../kit/index.ts";

let stack: TestStack;
let ingest: Ingest;
/** Of the collector's clock, ms. */
let aheadMs = 0;
const hinted: SiteName[] = [];
const failures: (number | null)[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  ingest = new Ingest({
    store: stack.store,
    logger: stack.logger,
    metrics: { stored: () => undefined, refused: () => undefined, insertFailed: (code) => failures.push(code) },
    onStored: (sites) => hinted.push(...sites),
    now: () => Date.now() + aheadMs,
  });
  await ingest.addTenant("demo", await stack.connectTenant("demo"));
});

afterAll(async () => {
  await ingest.stop(1_000);
  await stack.stop();
});

async function newAgent(agent: string): Promise<TestAgent> {
  const address = { tenant: "demo", site: "site-1", agent };
  return new TestAgent(await stack.connectAgent(address), address);
}

async function storedKeys(epoch: string): Promise<number[]> {
  const seqs: number[] = [];
  for await (const o of readCompact(stack.store, "demo", "site-1")) if (o.epoch === epoch) seqs.push(o.seq);
  return seqs.sort((a, b) => a - b);
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

describe("ingest", () => {
  it("stores 2,000 observations exactly once by key, whatever comes twice or out of order", async () => {
    const agent = await newAgent("a-order");
    const epoch = newEpoch();
    const all = fc.sample(observation, { numRuns: 2_000, seed: 7 }).map((o, i) => ({ ...o, seq: i + 1 }));
    const batches: SentBatch[] = [];
    for (let i = 0; i < all.length; i += 50) batches.push(batchOf(epoch, all.slice(i, i + 50)));
    const doubled = [...batches, ...batches.filter((_, i) => i % 3 === 0)].map((batch, i) => ({ batch, place: (i * 37) % 53 }));
    for (const { batch } of doubled.sort((a, b) => a.place - b.place)) await agent.publish(batch);
    await waitFor("all receipts", () => agent.receipts.length >= doubled.length);
    expect([...agent.stored(epoch)].sort((a, b) => a - b)).toEqual(upTo(2_000));
    expect(agent.receipts.every((r) => r.rejected.length === 0 && !r.renewEpoch)).toBe(true);
    expect(await storedKeys(epoch)).toEqual(upTo(2_000));
    expect(hinted).toContainEqual({ tenant: "demo", site: "site-1" });
    const touched = await readTouchedSites(stack.store, Date.now() - 60_000);
    expect(touched.map(({ tenant, site }) => ({ tenant, site }))).toEqual([{ tenant: "demo", site: "site-1" }]);
    expect(await readTouchedSites(stack.store, Date.now() + 60_000)).toEqual([]);
  });

  it("takes the largest batches, also when they come again", async () => {
    const agent = await newAgent("a-large");
    const epoch = newEpoch();
    const batches = [0, 500].map((from) =>
      batchOf(
        epoch,
        upTo(500).map((n) => httpObservation(from + n)),
      ),
    );
    for (const batch of [...batches, ...batches]) await agent.publish(batch);
    await waitFor("all receipts", () => agent.receipts.length === 4);
    expect(agent.receipts.every((r) => !r.renewEpoch && r.rejected.length === 0)).toBe(true);
    expect(await storedKeys(epoch)).toEqual(upTo(1_000));
  });

  it("keeps every part of an observation", async () => {
    const agent = await newAgent("a-whole");
    const epoch = newEpoch();
    const wallMs = Date.UTC(2026, 2, 3, 8, 0, 0, 123);
    await agent.publish(batchOf(epoch, [httpObservation(1, 401, wallMs)], { epochCreatedMs: wallMs - 1_000, offsetMs: 250 }));
    await agent.receipt(0);
    const [whole, ...others] = await readObservation(stack.store, "demo", { site: "site-1", agent: "a-whole", epoch, seq: 1 });
    expect(others).toEqual([]);
    expect(whole?.row).toMatchObject({
      probe: "http.root",
      tier: "polite",
      server_address: "127.18.0.4",
      server_port: 8080,
      outcome: "identified",
    });
    expect(JSON.parse(whole?.row.facts ?? "")).toMatchObject({ status: 401 });
    expect(JSON.parse(whole?.row.evidence ?? "")).toMatchObject([{ label: "response head", truncated: false }]);
    const compact = await gather(readCompact(stack.store, "demo", "site-1", Date.now() - 60_000));
    expect(compact.find((o) => o.epoch === epoch)).toMatchObject({
      wallAt: wallMs + 250,
      epochCreatedAt: wallMs - 1_000 + 250,
      facts: { status: 401 },
      confirm: null,
      intervalMs: 60_000,
    });
  });

  it("asks for the facts of confirmations whose base it does not have", async () => {
    const agent = await newAgent("a-confirm");
    const epoch = newEpoch();
    const observations = [
      httpObservation(1, 200),
      confirmation(2, { epoch, seq: 1 }),
      confirmation(3, { epoch: newEpoch(), seq: 77 }),
      confirmation(4, { epoch, seq: 1, status: 404 }),
    ];
    await agent.publish(batchOf(epoch, observations));
    const receipt = await agent.receipt(0);
    expect(receipt.needFacts).toEqual([3, 4]);
    expect([...agent.stored(epoch)]).toEqual([1, 2, 3, 4]);
    const compact = await gather(readCompact(stack.store, "demo", "site-1"));
    expect(compact.find((o) => o.epoch === epoch && o.seq === 2)?.confirm).toMatchObject({ epoch, seq: 1 });
  });

  it("tells an outbox whose copy was in use for a while to begin a new epoch, once the copy is silent", async () => {
    const agent = await newAgent("a-copied");
    const [own, copy] = [newEpoch(), newEpoch()];
    const began = Date.now() - 60_000;
    const tell = async (epoch: string, epochCreatedMs: number, seq: number) => {
      const before = agent.receipts.length;
      await agent.publish(batchOf(epoch, [httpObservation(seq)], { epochCreatedMs }));
      return (await agent.receipt(before)).renewEpoch;
    };
    expect(await tell(own, began, 1)).toBe(false);
    expect(await tell(copy, began + 1_000, 1)).toBe(false);
    expect(await tell(own, began, 2)).toBe(false);
    aheadMs = 4 * 60_000;
    try {
      expect(await tell(own, began, 3)).toBe(true);
      expect(await tell(copy, began + 1_000, 2)).toBe(false);
    } finally {
      aheadMs = 0;
    }
  });

  it("tells an outbox that was restored to begin a new epoch, and keeps both contents", async () => {
    const agent = await newAgent("a-restored");
    const epoch = newEpoch();
    await agent.publish(batchOf(epoch, [httpObservation(1), httpObservation(2), httpObservation(3)]));
    expect((await agent.receipt(0)).renewEpoch).toBe(false);
    await agent.publish(batchOf(epoch, [httpObservation(2, 503)]));
    expect((await agent.receipt(1)).renewEpoch).toBe(true);
    expect(await storedKeys(epoch)).toEqual([1, 2, 2, 3]);
  });

  it("puts poison into quarantine and receipts it as rejected, and takes what is good of a batch", async () => {
    const agent = await newAgent("a-poison");
    const epoch = newEpoch();
    const poison = Buffer.from("not a batch at all, whatever it says");
    await agent.publish({ epoch, first: 1, last: 3, bytes: poison, headers: batchHeaders(epoch, 1, 3) });
    const rejected = await agent.receipt(0);
    expect(rejected.stored).toEqual([]);
    expect(rejected.rejected.map((r) => [r.range?.first, r.range?.last])).toEqual([[1, 3]]);
    await agent.publish(batchOf(epoch, [httpObservation(4), { ...httpObservation(5), probe: "no.such" }, httpObservation(6)]));
    const mixed = await agent.receipt(1);
    expect(mixed.stored.map((r) => [r.first, r.last])).toEqual([
      [4, 4],
      [6, 6],
    ]);
    expect(mixed.rejected.map((r) => [r.range?.first, r.reason])).toEqual([[5, "probe is not known"]]);
    const kept = (await readQuarantine(stack.store, "demo")).filter((q) => q.agent === "a-poison");
    expect(kept.map((q) => [q.first, q.last]).sort()).toEqual([
      [1, 3],
      [4, 6],
    ]);
    expect(kept.some((q) => Buffer.compare(q.message, poison) === 0)).toBe(true);
  });

  it("loses nothing that it receipted when ClickHouse is killed while it inserts", async () => {
    const agent = await newAgent("a-crash");
    const epoch = newEpoch();
    const batches = Array.from({ length: 60 }, (_, i) =>
      batchOf(
        epoch,
        upTo(50).map((n) => httpObservation(i * 50 + n)),
      ),
    );
    const failed = failures.length;
    for (const round of [0, 1, 2]) {
      for (const batch of batches.slice(round * 20, round * 20 + 10)) await agent.publish(batch);
      await sleep(round * 60);
      await stack.processes.kill("clickhouse");
      for (const batch of batches.slice(round * 20 + 10, round * 20 + 20)) await agent.publish(batch);
      const before = agent.stored(epoch).size;
      await sleep(500);
      expect(agent.stored(epoch).size).toBe(before);
      await stack.processes.start("clickhouse");
      // What comes to be receipted while the store is read may not be in the answer.
      const receipted = [...agent.stored(epoch)];
      const stored = new Set(await storedKeys(epoch));
      expect(receipted.filter((seq) => !stored.has(seq))).toEqual([]);
    }
    await waitFor("all receipts", () => agent.stored(epoch).size === 3_000, 60_000);
    expect(await storedKeys(epoch)).toEqual(upTo(3_000));
    expect(failures.length).toBeGreaterThan(failed);
  });

  it("goes on when the broker's store is deleted", async () => {
    const agent = await newAgent("a-purged");
    const epoch = newEpoch();
    const jsm = await jetstreamManager(await stack.connectTenant("demo"));
    await jsm.streams.delete("OBSERVATIONS");
    await waitFor("the stream is there again", () => jsm.streams.info("OBSERVATIONS").catch(() => null), 60_000);
    await agent.publish(batchOf(epoch, [httpObservation(1)]));
    await agent.receipt(0);
    expect(await storedKeys(epoch)).toEqual([1]);
  });
});

describe("migrations", () => {
  it("change nothing when run again", async () => {
    const first = await stack.store.query<{ n: number }>("SELECT count() AS n FROM observation");
    expect(await migrate(stack.storeOptions)).toMatchObject({ applied: [] });
    expect(await stack.store.query("SELECT count() AS n FROM observation")).toEqual(first);
  });
});
