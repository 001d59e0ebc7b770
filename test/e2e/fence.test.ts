/**
 * A collector stands still at every point of its work, is replaced, and goes on as if nothing had happened, with the log deleted meanwhile
 * or not: nothing late ever shows, and no answer with its knownAt changes by a byte.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { STEPS } from "@vedette/collector/src/step.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Centre,
  type CollectorProcess,
  guardObservation,
  note,
  OutboxAgent,
  type RestApi,
  SITE,
  startCentre,
  TENANT,
  waitFor,
} from "../kit/index.ts";

/** Longer than the broker takes to forget a collector, and than two of them take to share anew. */
const SHARED_ANEW_MS = 3_000;
const POINTS = STEPS.flatMap((step) => [`before ${step}`, `after ${step}`] as const);

let centre: Centre;
let agent: OutboxAgent;
/** Who is alone at the beginning of a case. */
let standing: CollectorProcess;
let host = 10;
/** What was answered, by path: it must be answered so for ever. */
const answered = new Map<string, string>();

beforeAll(async () => {
  centre = await startCentre();
  standing = await centre.collector();
  const address = { tenant: TENANT, site: SITE, agent: "a-1" };
  agent = new OutboxAgent(await centre.connectAgent(address), address);
  agent.send([guardObservation("198.18.0.9", false)]);
  await shows(standing.api, "198.18.0.9");
});

afterAll(async () => {
  agent?.end();
  await centre?.stop();
});

async function shows(api: RestApi, address: string): Promise<void> {
  await waitFor(`${address} is shown`, async () => (await api.devices()).some((d) => d.addresses.includes(address)), 45_000, 200);
}

/** Asks for every assessment and timeline as known now, keeps the answers, and gives them by path. */
async function askAll(api: RestApi): Promise<void> {
  for (const { id } of await api.devices()) {
    for (const what of ["assessment", "timeline"]) {
      const path = `/devices/${id}/${what}`;
      const { knownAt } = await api.get<{ knownAt: string }>(path);
      const fixed = `${path}?knownAt=${knownAt}${what === "assessment" ? `&at=${knownAt}` : ""}`;
      const before = answered.get(fixed);
      const text = await api.text(fixed);
      if (before !== undefined) expect(text).toBe(before);
      answered.set(fixed, text);
    }
  }
}

async function stillAnswered(api: RestApi): Promise<void> {
  for (const [path, before] of answered) expect([path, await api.text(path)]).toEqual([path, before]);
}

/** What there is, but for what is told of the last look. */
async function standingOf(api: RestApi): Promise<unknown> {
  const devices = (await api.devices()).map(({ id, addresses, name, membership }) => ({ id, addresses, name, membership }));
  return { devices, events: await api.events() };
}

async function deleteLog(): Promise<void> {
  const jsm = await jetstreamManager(await centre.connectCentre());
  await jsm.streams.delete("LOG");
}

async function eras(): Promise<number> {
  const [row] = await centre.store.query<{ n: number }>("SELECT max(era) AS n FROM era");
  return row?.n ?? 0;
}

describe.each([false, true])("a collector stopped, replaced and continued, the log deleted meanwhile: %s", (lost) => {
  it.each(POINTS)("%s", async (point) => {
    const address = `198.18.0.${host++}`;
    const erasBefore = await eras();
    const reading = point.endsWith("close");
    if (reading) await agent.receipted();
    await standing.arm(point);
    if (reading)
      await waitFor(
        "it closes time",
        () =>
          Promise.race([
            standing.api.devices().then(() => false),
            standing.stopped(500).then(
              () => true,
              () => false,
            ),
          ]),
        30_000,
      );
    else agent.send([guardObservation(address, true), guardObservation("198.18.0.9", host % 2 === 0)]);
    await standing.stopped();
    if (lost) await deleteLog();

    const next = await centre.collector();
    if (reading) agent.send([guardObservation(address, true)]);
    await shows(next.api, address);
    await agent.receipted();
    await askAll(next.api);
    await stillAnswered(next.api);
    // What was hidden by another's lateness has its time to settle.
    await sleep(500);
    const before = await standingOf(next.api);
    const feed = await next.api.live();

    standing.go();
    await sleep(SHARED_ANEW_MS);
    expect(await standingOf(next.api)).toEqual(before);
    expect(await standingOf(standing.api)).toEqual(before);
    expect(feed.events).toEqual([]);
    await stillAnswered(next.api);
    await stillAnswered(standing.api);
    feed.close();
    if (lost) expect(await eras()).toBeGreaterThan(erasBefore);
    else expect(await eras()).toBe(erasBefore);
    await standing.end();
    standing = next;
  });
});

it("leaves each event once, each device once, and every observation stored once", async () => {
  const events = await standing.api.events();
  expect(new Set(events.map((e) => e.id)).size).toBe(events.length);
  expect(await centre.store.query("SELECT id FROM event GROUP BY id HAVING uniqExact(body) > 1")).toEqual([]);
  const devices = await standing.api.devices();
  const addresses = devices.flatMap((d) => d.addresses);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses.length).toBe(1 + 2 * POINTS.length);
  const [stored] = await centre.store.query<{ seqs: number; contents: number }>(
    "SELECT uniqExact(epoch, seq) AS seqs, uniqExact(epoch, seq, content_hash) AS contents FROM observation",
  );
  expect([Number(stored?.seqs), Number(stored?.contents)]).toEqual([agent.told, agent.told]);
  const times = await centre.store.query(
    "SELECT bucket FROM (SELECT bucket, recorded_at, lagInFrame(recorded_at) OVER (PARTITION BY bucket ORDER BY era, seq) AS before FROM changeset FINAL) WHERE recorded_at <= before",
  );
  expect(times).toEqual([]);
  note(`${answered.size} answers asked again after every case; era ${await eras()} in the end`);
});
