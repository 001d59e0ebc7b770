/** kill -9 of every part in mid-run, at random: nothing that the outbox committed is missing, nothing is doubled, nothing is told that did not happen. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, readCompact, type Store } from "@vedette/collector/src/store/index.ts";
import type { ObservationView } from "@vedette/collector/src/store/observation-view.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  gather,
  killHard,
  kindOf,
  mismatches,
  note,
  type RecordedEvent,
  type RunningUp,
  randomOf,
  readOutboxFile,
  removeFolder,
  signal,
  startUp,
  viewSite,
  waitFor,
  waitWhole,
} from "../kit/index.ts";

const KILLS = 20;
const LEAST_MS = 2_000;
const MOST_MS = 4_000;
/** Observations that the agent tells while a part stands still. */
const TOLD = 10;
/** The agent has handed over to the broker by then what it told. */
const HANDED_OVER_MS = 5_000;
const VICTIMS = ["agent", "collector", "clickhouse", "nats", "nats-server"] as const;
const SEED = Number(process.env["VEDETTE_SEED"] ?? Date.now() % 1_000_000);

let up: RunningUp;
let store: Store;
let before: ReadonlyMap<string, string>;

const outbox = () => readOutboxFile(up.data);

/** Resolves when the agent has told this many more observations. */
function untilTold(more: number): Promise<unknown> {
  const { next } = outbox();
  return waitFor(`${more} observations more`, () => outbox().next >= next + more, 120_000, 100);
}

async function storedSeqs(epoch: string): Promise<Set<number>> {
  const rows = await store.query<{ seq: number }>("SELECT DISTINCT seq FROM observation WHERE epoch = {epoch:String}", { epoch });
  return new Set(rows.map((r) => r.seq));
}

/** Seqs that the outbox gave away although the store has not got them. */
async function lost({ epoch, next, kept }: ReturnType<typeof outbox>): Promise<number[]> {
  const [keeps, stored] = [new Set(kept), await storedSeqs(epoch)];
  return Array.from({ length: next - 1 }, (_, i) => i + 1).filter((seq) => !keeps.has(seq) && !stored.has(seq));
}

async function idsByAddress(): Promise<Map<string, string>> {
  return new Map((await up.api.devices()).flatMap((d) => d.addresses.map((a) => [a, d.id] as const)));
}

/** Stored looks that confirmed in time the evidence whose expiry an event tells. */
async function confirmedAllTheSame({ data, time }: RecordedEvent): Promise<string[]> {
  const { confirmedAt } = data["parameters"] as { confirmedAt: string };
  const looks = (more: string) => up.api.get<{ items: ObservationView[] }>(`/devices/${data.device}/observations?${more}`);
  const cited = (await looks(`id=${data.evidence[0]?.id}`)).items[0];
  const { items } = await looks("limit=500");
  const facts = new Map(items.map((o) => [o.id, o.facts]));
  // Looks at ports are several, each with a list of its own.
  const lookOf = (o: ObservationView | undefined) => {
    const told = o?.facts ?? facts.get(o?.confirms ?? "");
    return JSON.stringify([o?.probe, o?.subject, told?.["list"]]);
  };
  return items
    .filter((o) => lookOf(o) === lookOf(cited) && o.outcome === "identified")
    .filter((o) => o.observedAt > confirmedAt && o.observedAt < time)
    .map((o) => o.id);
}

describe(`${KILLS} kills at random (VEDETTE_SEED=${SEED})`, () => {
  beforeAll(async () => {
    up = await startUp({ driftDelay: 3_600 });
    const password = (await readFile(join(up.data, "keys", "clickhouse-password"), "utf8")).trim();
    store = openStore({ url: `http://127.0.0.1:${up.ports.clickhouse}`, user: "vedette", password, database: "vedette" });
    await waitFor("devices", async () => (await up.api.devices()).length >= 10, 60_000, 500);
    before = await idsByAddress();
  });
  afterAll(async () => {
    await store?.close();
    await up?.stop();
    await removeFolder(up.data);
  });

  it("come after a collector that stands still: what the broker alone has is kept, and sent again where no receipt came", async () => {
    const [collector, agent] = [up.child("collector"), up.child("agent")];
    signal(collector, "SIGSTOP");
    try {
      await untilTold(TOLD);
      await sleep(HANDED_OVER_MS);
      expect(await lost(outbox())).toEqual([]);
      signal(agent, "SIGSTOP");
    } finally {
      signal(collector, "SIGCONT");
    }
    const { epoch, kept } = outbox();
    const stored = async () => {
      const seqs = await storedSeqs(epoch);
      return kept.filter((seq) => seqs.has(seq));
    };
    // The receipt of these reaches nobody.
    await waitFor("some of it is stored", async () => (await stored()).length > 0, 60_000, 250);
    killHard(agent);
    await waitWhole(up);
    await waitFor("all of it is receipted", () => !outbox().kept.some((seq) => kept.includes(seq)), 60_000, 250);
  });

  it("come after a store that stands still and dies with the collector: nothing was receipted that it had not taken", async () => {
    const clickhouse = up.child("clickhouse");
    signal(clickhouse, "SIGSTOP");
    await untilTold(TOLD);
    await sleep(HANDED_OVER_MS);
    killHard(up.child("collector"));
    const account = outbox();
    killHard(clickhouse);
    await waitWhole(up);
    expect(await lost(account)).toEqual([]);
  });

  it("come after an agent that dies with nothing left to send: it goes on with the next number of its epoch", async () => {
    const agent = up.child("agent");
    const drained = await waitFor(
      "a moment at which all that was told is receipted",
      () => {
        if (outbox().kept.length > 0) return null;
        signal(agent, "SIGSTOP");
        const account = outbox();
        if (account.kept.length === 0) return account;
        signal(agent, "SIGCONT");
        return null;
      },
      120_000,
      10,
    );
    killHard(agent);
    const after = await waitFor("it tells again", () => (outbox().next === drained.next ? null : outbox()), 60_000, 100);
    expect(after.epoch).toBe(drained.epoch);
    expect(after.next).toBeGreaterThan(drained.next);
  });

  it("are survived", async () => {
    const random = randomOf(SEED);
    const killed: string[] = [];
    const pidOf = (name: (typeof VICTIMS)[number]) => (name === "nats-server" ? up.natsServer() : up.child(name));
    while (killed.length < KILLS) {
      await sleep(LEAST_MS + random() * (MOST_MS - LEAST_MS));
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? "agent";
      // It may still be waiting for its restart.
      if (killHard(pidOf(victim))) killed.push(victim);
    }
    note(`seed ${SEED}: ${killed.join(" ")}`);
    const began = performance.now();
    await waitWhole(up, 120_000);
    const { next } = outbox();
    await waitFor("everything told by then is receipted", () => (outbox().kept[0] ?? next) >= next, 90_000, 500);
    note(`whole and drained ${((performance.now() - began) / 1000).toFixed(1)} s after the last kill, ${next - 1} observations`);
  });

  it("left every committed observation stored exactly once", async () => {
    const { epoch, next, kept } = outbox();
    const rows = await store.query<{ epoch: string; seqs: number; least: number; most: number; contents: number }>(
      `SELECT epoch, uniqExact(seq) AS seqs, min(seq) AS least, max(seq) AS most, uniqExact(seq, content_hash) AS contents
       FROM observation GROUP BY agent, epoch`,
    );
    const numbers = rows.map((r) => ({ ...r, seqs: Number(r.seqs), contents: Number(r.contents) }));
    expect(numbers.map((r) => r.epoch)).toContain(epoch);
    for (const { epoch: name, seqs, least, most, contents } of numbers) {
      expect([name, least, seqs, contents]).toEqual([name, 1, most, most]);
      if (name === epoch) expect(most).toBeGreaterThanOrEqual((kept[0] ?? next) - 1);
    }
  });

  it("shows every observation once, however often its row came", async () => {
    const [site] = await store.query<{ tenant: string; site: string }>("SELECT DISTINCT tenant, site FROM observation");
    const [rows] = await store.query<{ keys: number; doubled: number }>(
      `SELECT count() AS keys, countIf(times > 1) AS doubled FROM (
         SELECT uniqExact(stored_at) AS times FROM observation GROUP BY agent, epoch, seq, content_hash)`,
    );
    expect(Number(rows?.doubled)).toBeGreaterThan(0);
    const read = await gather(readCompact(store, site?.tenant ?? "", site?.site ?? ""));
    expect(read.length).toBe(new Set(read.map((o) => `${o.agent}/${o.epoch}/${o.seq}`)).size);
    expect(read.length).toBeGreaterThanOrEqual(Number(rows?.keys));
    note(`${rows?.doubled} of ${rows?.keys} observations came more than once`);
  });

  it("left every device under its id, and the table holds in the end", async () => {
    const now = await idsByAddress();
    for (const [address, id] of before) expect([address, now.get(address)]).toEqual([address, id]);
    const holds = async () => (await mismatches(up.api, await up.site())).length === 0;
    await waitFor("the table holds", holds, 90_000, 1_000).catch(() => undefined);
    expect(await mismatches(up.api, await up.site())).toEqual([]);
    const { found } = await viewSite(up.api, await up.site());
    expect([...found.values()].every((devices) => devices.length === 1)).toBe(true);
  });

  it("made no event twice and none of what did not happen", async () => {
    const events = await up.api.events();
    expect(new Set(events.map((e) => e.id)).size).toBe(events.length);
    const rows = await store.query<{ id: string }>("SELECT id FROM event GROUP BY id HAVING uniqExact(body) > 1");
    expect(rows).toEqual([]);
    expect(events.filter((e) => e.data.change === "agent-cloned")).toEqual([]);
    const drifted = events.filter((e) => kindOf(e) === "drift" || kindOf(e) === "transition");
    const revised = new Set(drifted.flatMap((e) => e.data.revises ?? []));
    // An agent that is killed at each round leaves something unlooked at for as long as its evidence holds.
    const expired = drifted.filter((e) => e.data.change === "evidence-expired" && !revised.has(e.id));
    for (const event of expired) expect([event, await confirmedAllTheSame(event)]).toEqual([event, []]);
    expect(drifted.filter((e) => e.data.change !== "device-appeared" && e.data.change !== "evidence-expired")).toEqual([]);
    const standing = drifted.filter((e) => e.data.change === "device-appeared" && !revised.has(e.id));
    note(`${expired.length} expiries of evidence, none of which a look had confirmed`);
    const twice = [...Map.groupBy(standing, (e) => e.data.device).values()].filter((same) => same.length > 1);
    expect(twice).toEqual([]);
  });
});
