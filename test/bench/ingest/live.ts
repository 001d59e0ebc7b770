/** A generator that runs: changes whose events are waited for on the live feed, among confirmations that only load. */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import { observationSubject } from "@vedette/proto";
import { batchOf, type Centre, newEpoch, streamObservation, waitFor } from "../../kit/index.ts";
import { makeBacklog, publishBacklog } from "./backlog.ts";

const CHANGES_PER_S = 20;
const DEVICES = 100;
const LOAD_SITES = 20;
const LOAD_PER_MESSAGE = 50;
const WARM_UP_MS = 3_000;

export interface LiveOptions {
  readonly seconds: number;
  /** Confirmations beside the changes, per second. */
  readonly load: number;
}

export interface Live {
  readonly changes: number;
  /** From the storage of a change to its event on the live feed, ms. */
  readonly lags: readonly number[];
}

export async function live(centre: Centre, { seconds, load }: LiveOptions): Promise<Live> {
  const address = { tenant: centre.tenant, site: centre.site, agent: "bench-live" };
  const stream = jetstream(await centre.connectAgent(address));
  const feed = await centre.api.live();
  const arrived = new Map<number, number>();
  let read = 0;
  const watch = setInterval(() => {
    for (const event of feed.events.slice(read)) {
      read += 1;
      const at = Date.parse(event.time);
      if (!arrived.has(at)) arrived.set(at, Date.now());
    }
  }, 5);
  const ends = Date.now() + WARM_UP_MS + seconds * 1_000;
  const loading = loadUntil(centre, ends, load);
  const epoch = newEpoch();
  const told: number[] = [];
  try {
    for (let seq = 1; Date.now() < ends; seq++) {
      const wallMs = Math.max(Date.now(), (told.at(-1) ?? 0) + 1);
      const look = { mark: String(seq), address: `127.45.2.${(seq % DEVICES) + 1}`, open: Math.floor(seq / DEVICES) % 2 === 1, wallMs };
      const batch = batchOf(epoch, [{ ...streamObservation(look).draft, seq }], { offsetMs: 0 });
      await stream.publish(observationSubject(address), batch.bytes, { headers: batch.headers });
      told.push(wallMs);
      await sleep(1_000 / CHANGES_PER_S);
    }
    await loading;
    // The first of each device makes the device known; what comes after is a transition.
    const expected = told.slice(DEVICES);
    await waitFor("the events", () => expected.every((at) => arrived.has(at)), 30_000, 100).catch(() => undefined);
    const rows = await centre.store.query<{ wall: number; stored: number }>(
      `SELECT toUnixTimestamp64Milli(wall_at) AS wall, min(toUnixTimestamp64Milli(stored_at)) AS stored
       FROM observation WHERE agent = 'bench-live' GROUP BY wall`,
    );
    const storedAt = new Map(rows.map((r) => [r.wall, r.stored]));
    const lags = expected.map((at) => (arrived.get(at) ?? Number.POSITIVE_INFINITY) - (storedAt.get(at) ?? Number.NaN));
    return { changes: expected.length, lags };
  } finally {
    clearInterval(watch);
    feed.close();
  }
}

async function loadUntil(centre: Centre, ends: number, perSecond: number): Promise<void> {
  while (Date.now() < ends) {
    const began = Date.now();
    const options = { sites: LOAD_SITES, observations: perSecond, perMessage: LOAD_PER_MESSAGE, confirmations: 95 };
    await publishBacklog(centre, makeBacklog(centre.tenant, options));
    await sleep(Math.max(0, 1_000 - (Date.now() - began)));
  }
}
