/** nats-server is killed under load and its whole JetStream store deleted: no observation is lost, no document, and no answer changes. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  answersNow,
  type Centre,
  type CollectorProcess,
  decide,
  documentCount,
  expectSame,
  expectWhole,
  type Load,
  note,
  startCentre,
  startLoad,
  waitFor,
} from "../kit/index.ts";

let centre: Centre;
let one: CollectorProcess;
let other: CollectorProcess;
let load: Load;

beforeAll(async () => {
  centre = await startCentre();
  one = await centre.collector();
  other = await centre.collector();
  load = await startLoad(centre, "a-lost");
  await waitFor("devices are shown", async () => (await one.api.devices()).length >= 20, 60_000, 500);
});
afterAll(async () => {
  load?.stop();
  load?.agent.end();
  await centre?.stop();
});

it("loses nothing, twice", async () => {
  for (const round of [1, 2]) {
    await decide(one, [other]);
    const answers = await answersNow(one);
    const documents = await documentCount(centre);
    const [before] = await centre.store.query<{ era: number }>("SELECT max(era) AS era FROM era");
    expect(await one.api.ready()).toBe(true);
    await centre.processes.kill("nats");
    await sleep(1_000);
    expect(await one.api.ready()).toBe(false);
    // What was closed stays readable meanwhile.
    await expectSame(other, answers);
    await rm(join(centre.folder, "nats", "stream"), { recursive: true });
    await centre.processes.start("nats");
    const era = await waitFor(
      "the next era is open",
      async () => {
        const [row] = await centre.store.query<{ era: number }>("SELECT max(era) AS era FROM changeset");
        return row !== undefined && row.era > (before?.era ?? 0) ? row.era : null;
      },
      60_000,
    );
    await sleep(2_000);
    await waitFor("both are ready again", async () => (await one.api.ready()) && (await other.api.ready()), 30_000);
    expect(await documentCount(centre)).toBeGreaterThanOrEqual(documents);
    await decide(other, [one]);
    await expectSame(one, answers);
    await expectSame(other, answers);
    note(`store lost ${round} times: era ${era}, ${load.agent.told} observations told`);
  }
  load.stop();
  await load.agent.receipted(90_000);
  await expectWhole(centre, one, load.agent);
});
