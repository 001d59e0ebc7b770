/** One tenant, or one agent, sends far more than is taken in; the others do not wait for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { Ingest } from "@vedette/collector/src/ingest/index.ts";
import { ensureObservations, MAX_AGENT_MESSAGES } from "@vedette/collector/src/ingest/stream.ts";
import { STREAM } from "@vedette/proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchOf, httpObservation, newEpoch, note, startTestStack, TestAgent, type TestStack, waitFor } from "../kit/index.ts";

const CALM = 20;
/** Batches that wait when it begins. */
const FLOOD = 400;
const BATCH = 500;
/** In the order of arrival all that waited at the beginning would come first. */
const MOST_AHEAD = (FLOOD * BATCH) / 2;

let stack: TestStack;
let ingest: Ingest | null = null;

beforeAll(async () => {
  stack = await startTestStack({ tenants: ["flood", "calm"] });
});
afterAll(async () => {
  await ingest?.stop(1_000);
  await stack.stop();
});

async function newAgent(tenant: string, agent: string): Promise<TestAgent> {
  const address = { tenant, site: "site-1", agent };
  return new TestAgent(await stack.connectAgent(address), address);
}

/** Full batches, twenty at once, while there is `more` after so many; of one epoch. */
async function flood(agent: TestAgent, epoch: string, from: number, more: (batches: number) => boolean): Promise<number> {
  let n = from;
  for (; more(n); n += 20) {
    const some = Array.from({ length: 20 }, (_, i) => {
      const first = (n + i) * BATCH + 1;
      return batchOf(
        epoch,
        Array.from({ length: BATCH }, (__, k) => httpObservation(first + k, 200 + ((first + k) % 300))),
      );
    });
    await Promise.all(some.map((batch) => agent.publish(batch)));
  }
  return n;
}

describe("a flood", () => {
  it("of one agent drives out no more than its own, which it still has", async () => {
    const connection = await stack.connectTenant("flood");
    await ensureObservations(connection);
    const [loud, quiet] = [await newAgent("flood", "a-loud"), await newAgent("flood", "a-quiet")];
    await quiet.publish(batchOf(newEpoch(), [httpObservation(1)]));
    for (let n = 0; n < MAX_AGENT_MESSAGES + 50; n += 50)
      await Promise.all(Array.from({ length: 50 }, () => loud.publish(batchOf(newEpoch(), [httpObservation(1)]))));
    const jsm = await jetstreamManager(connection);
    const { state } = await jsm.streams.info(STREAM.observations, { subjects_filter: "obs.v1.>" });
    expect(state.subjects).toEqual({ "obs.v1.flood.site-1.a-loud": MAX_AGENT_MESSAGES, "obs.v1.flood.site-1.a-quiet": 1 });
    await jsm.streams.purge(STREAM.observations);
  });

  it("of one tenant lets another's observations be stored before what it has waiting", async () => {
    const [loud, calm] = [await newAgent("flood", "a-loud"), await newAgent("calm", "a-calm")];
    const epoch = newEpoch();
    const waiting = await flood(loud, epoch, 0, (n) => n < FLOOD);
    ingest = new Ingest({ store: stack.store, logger: stack.logger });
    await ingest.addTenant("flood", await stack.connectTenant("flood"));
    await ingest.addTenant("calm", await stack.connectTenant("calm"));
    await waitFor("the flood is being taken in", () => loud.stored(epoch).size > 0);
    let measuring = true;
    const flooding = flood(loud, epoch, waiting, () => measuring);
    const took: number[] = [];
    /** Observations of the flood that were stored while a calm one was on its way. */
    const ahead: number[] = [];
    const own = newEpoch();
    for (let seq = 1; seq <= CALM; seq++) {
      const began = performance.now();
      const stored = loud.stored(epoch).size;
      if (seq === 1) expect(waiting * BATCH - stored).toBeGreaterThan(MOST_AHEAD);
      await calm.publish(batchOf(own, [httpObservation(seq)]));
      await waitFor("its receipt", () => calm.receipts.length >= seq, 30_000, 5);
      took.push(performance.now() - began);
      ahead.push(loud.stored(epoch).size - stored);
      await sleep(20);
    }
    measuring = false;
    await flooding;
    took.sort((a, b) => a - b);
    const most = Math.max(...ahead);
    note(
      `p50 ${took[CALM / 2]?.toFixed(0)} ms, max ${took.at(-1)?.toFixed(0)} ms; ${most} of a flood came first at the most, of ${FLOOD * BATCH} that waited`,
    );
    expect(most).toBeLessThan(MOST_AHEAD);
  });
});
