/** Three nats-servers, everything on three copies: the leader of the observations and that of the log are killed under load. */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
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
  TENANT,
  waitFor,
} from "../kit/index.ts";

let centre: Centre;
let one: CollectorProcess;
let other: CollectorProcess;
let load: Load;

beforeAll(async () => {
  centre = await startCentre({ nodes: 3 });
  one = await centre.collector();
  other = await centre.collector();
  load = await startLoad(centre, "a-cluster");
  await waitFor("devices are shown", async () => (await one.api.devices()).length >= 20, 60_000, 500);
});
afterAll(async () => {
  load?.stop();
  load?.agent.end();
  await centre?.stop();
});

async function cluster(connection: NatsConnection, stream: string) {
  const { config, cluster: nodes } = await (await jetstreamManager(connection, { checkAPI: false })).streams.info(stream);
  return { replicas: config.num_replicas, leader: nodes?.leader ?? "" };
}

it("loses nothing when a leader is killed, whichever it is", async () => {
  const lines = [
    { stream: "OBSERVATIONS", connection: await centre.connectTenant(TENANT) },
    { stream: "LOG", connection: await centre.connectCentre() },
  ];
  for (const { stream, connection } of lines) {
    await decide(one, [other]);
    const answers = await answersNow(one);
    const documents = await documentCount(centre);
    const { replicas, leader } = await cluster(connection, stream);
    expect(replicas).toBe(3);
    const began = performance.now();
    await centre.processes.kill(leader);
    const next = await waitFor(
      "another leads",
      async () => {
        const now = await cluster(connection, stream).catch(() => null);
        return now !== null && now.leader !== "" && now.leader !== leader ? now.leader : null;
      },
      60_000,
      200,
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    await expectSame(other, answers);
    await sleep(3_000);
    await centre.processes.start(leader);
    expect(await documentCount(centre)).toBeGreaterThanOrEqual(documents);
    await decide(other, [one]);
    await expectSame(one, answers);
    note(`${stream}: ${leader} killed, ${next} leads after ${seconds} s; ${load.agent.told} observations told`);
  }
  load.stop();
  await load.agent.receipted(120_000);
  await expectWhole(centre, one, load.agent);
  // Nothing was lost by the broker, so no era had to be opened.
  const [row] = await centre.store.query<{ era: number }>("SELECT max(era) AS era FROM era");
  expect(row?.era).toBe(1);
});
