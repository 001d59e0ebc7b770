/**
 * Of two collectors the one that holds the site's bucket stands still at every point of its work, the other takes over, and it goes on as
 * if nothing had happened, with the log deleted meanwhile or not: nothing late ever shows, and no answer with its knownAt changes by a byte.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { bucketOf } from "@vedette/collector/src/bucket/number.ts";
import { STEPS, type StepPoint } from "@vedette/collector/src/step.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Centre,
  type CollectorProcess,
  guardObservation,
  note,
  OutboxAgent,
  SITE,
  startCentre,
  TENANT,
  waitFor,
} from "../kit/index.ts";

const HOSTS = ["198.18.0.10", "198.18.0.11", "198.18.0.12"];
const POINTS: readonly StepPoint[] = STEPS.flatMap((step) => [`before ${step}`, `after ${step}`] as const);
/** Here it goes on to something that the log refuses, for another has published since. */
const REFUSED_BY_THE_LOG: readonly StepPoint[] = ["before derive", "after derive", "before publish", "before close"];
/** Here it goes on to something that the store refuses, once a later era is open. */
const REFUSED_BY_THE_ERA: readonly StepPoint[] = ["after publish", "before apply"];
/** Longer than both take to see each other on the roll again and to share anew. */
const SHARED_ANEW_MS = 1_200;
/** Time is closed every 9 s while anybody reads. */
const CLOSING_MS = 20_000;
const BUCKET = bucketOf(TENANT, SITE, 64);

let centre: Centre;
let agent: OutboxAgent;
let both: readonly CollectorProcess[] = [];
let telnet = false;
/** What was answered, by path: it must be answered so for ever. */
const answered = new Map<string, string>();

beforeAll(async () => {
  centre = await startCentre({ config: { missedAfterSeconds: 1 } });
  both = [await centre.collector(), await centre.collector()];
  agent = new OutboxAgent(
    await centre.connectAgent({ tenant: TENANT, site: SITE, agent: "a-1" }),
    { tenant: TENANT, site: SITE, agent: "a-1" },
    500,
  );
  tell();
  await shows(both[0] as CollectorProcess);
});

afterAll(async () => {
  agent?.end();
  await centre?.stop();
});

/** Every host's Telnet is opened or closed, each told in a batch of its own. */
function tell(): void {
  telnet = !telnet;
  for (const host of HOSTS) agent.send([guardObservation(host, telnet)]);
}

/** Waits until what was told last is shown of every host: open Telnet fails this clause. */
async function shows({ api }: CollectorProcess): Promise<void> {
  const told = async () => {
    const devices = await api.devices();
    const found = await Promise.all(devices.map(({ id }) => api.assessment(id)));
    const failing = found.filter(({ verdicts }) => verdicts.some((v) => v.clause === "5.3.1.1" && v.status === "fail"));
    return devices.length === HOSTS.length && failing.length === (telnet ? HOSTS.length : 0);
  };
  await waitFor("what was told is shown", told, 30_000, 100);
}

async function holds({ api }: CollectorProcess): Promise<boolean> {
  return (await api.metrics()).includes(`vedette_bucket_devices{bucket="${BUCKET}"} ${HOSTS.length}\n`);
}

/** The collector that holds the site's bucket, and the other one; they agree on it. */
async function holder(): Promise<{ holding: CollectorProcess; waiting: CollectorProcess }> {
  const holding = async () => {
    const held = await Promise.all(both.map(holds));
    const found = both.filter((_, i) => held[i]);
    return found.length === 1 ? found[0] : null;
  };
  const found = await waitFor("one of them holds the bucket", holding);
  return { holding: found, waiting: both.find((c) => c !== found) as CollectorProcess };
}

async function refusals({ api }: CollectorProcess): Promise<number> {
  return Number(/^vedette_bucket_fenced_total (\d+)/m.exec(await api.metrics())?.[1] ?? 0);
}

/** Asks for every assessment and timeline as known now, and keeps the answers by path. */
async function askAll({ api }: CollectorProcess): Promise<void> {
  const paths = (await api.devices()).flatMap(({ id }) => [`/devices/${id}/assessment`, `/devices/${id}/timeline`]);
  await Promise.all(
    paths.map(async (path) => {
      const { knownAt } = await api.get<{ knownAt: string }>(path);
      const fixed = `${path}?knownAt=${knownAt}${path.endsWith("assessment") ? `&at=${knownAt}` : ""}`;
      answered.set(fixed, answered.get(fixed) ?? (await api.text(fixed)));
    }),
  );
}

/** Asks everything that was ever answered again, of these collectors in turn. */
async function stillAnswered(asked: readonly CollectorProcess[]): Promise<void> {
  const ask = (path: string, i: number) => asked[i % asked.length]?.api.text(path);
  const now = await Promise.all([...answered.keys()].map(async (path, i) => [path, await ask(path, i)] as const));
  for (const [path, text] of now) expect([path, text]).toEqual([path, answered.get(path)]);
}

/** What there is, but for what is told of the last look. */
async function standingOf({ api }: CollectorProcess): Promise<unknown> {
  const devices = (await api.devices()).map(({ id, addresses, name, membership }) => ({ id, addresses, name, membership }));
  return { devices, events: await api.events() };
}

async function deleteLog(): Promise<void> {
  const connection = await centre.connectCentre();
  await (await jetstreamManager(connection)).streams.delete("LOG");
  await connection.close();
}

async function eras(): Promise<number> {
  const [row] = await centre.store.query<{ n: number }>("SELECT max(era) AS n FROM era");
  return row?.n ?? 0;
}

/** Brings the holder to where it stops itself, and tells what it has not shown. */
async function bringTo(point: StepPoint, holding: CollectorProcess, waiting: CollectorProcess): Promise<void> {
  if (!point.endsWith("close")) {
    await holding.arm(point);
    tell();
    return holding.stopped();
  }
  await agent.receipted();
  await holding.arm(point);
  const reading = setInterval(() => void waiting.api.devices().catch(() => undefined), 500);
  await holding.stopped(CLOSING_MS).finally(() => clearInterval(reading));
  tell();
}

describe.each([false, true])("the holder stopped, replaced and continued, the log deleted meanwhile: %s", (lost) => {
  it.each(POINTS)("%s", async (point) => {
    const { holding, waiting } = await holder();
    const [erasBefore, refusedBefore] = [await eras(), await refusals(holding)];
    await bringTo(point, holding, waiting);
    if (lost) await deleteLog();
    // As known before anybody takes over.
    await askAll(waiting);
    await waitFor("the other takes over", () => holds(waiting));
    await shows(waiting);
    await agent.receipted();
    await askAll(waiting);
    const before = await standingOf(waiting);
    const feed = await waiting.api.live();

    holding.go();
    const refused = REFUSED_BY_THE_LOG.includes(point) || (lost && REFUSED_BY_THE_ERA.includes(point));
    await sleep(SHARED_ANEW_MS);
    if (refused) await waitFor("it was refused", async () => (await refusals(holding)) > refusedBefore);
    expect(await standingOf(waiting)).toEqual(before);
    expect(await standingOf(holding)).toEqual(before);
    expect(feed.events).toEqual([]);
    await stillAnswered([waiting, holding]);
    feed.close();
    if (lost) expect(await eras()).toBeGreaterThan(erasBefore);
    else expect(await eras()).toBe(erasBefore);
  });
});

it("leaves each event once, each device once, and every observation stored once", async () => {
  for (const each of both) await stillAnswered([each]);
  const { holding } = await holder();
  const events = await holding.api.events();
  expect(new Set(events.map((e) => e.id)).size).toBe(events.length);
  expect(await centre.store.query("SELECT id FROM event GROUP BY id HAVING uniqExact(body) > 1")).toEqual([]);
  expect((await holding.api.devices()).flatMap((d) => d.addresses).sort()).toEqual(HOSTS);
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
