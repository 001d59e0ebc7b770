/** kill -9 of every part in mid-run, at random: nothing that the outbox committed is missing, nothing is doubled, nothing is told that did not happen. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, type Store } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  killHard,
  kindOf,
  mismatches,
  note,
  type RunningUp,
  randomOf,
  removeFolder,
  startUp,
  viewSite,
  waitFor,
  waitWhole,
} from "../kit/index.ts";

const KILLS = 20;
const LEAST_MS = 2_000;
const MOST_MS = 4_000;
const VICTIMS = ["agent", "collector", "clickhouse", "nats", "nats-server"] as const;
const SEED = Number(process.env["VEDETTE_SEED"] ?? Date.now() % 1_000_000);

let up: RunningUp;
let store: Store;
let before: ReadonlyMap<string, string>;

/** The agent's own account: its epoch, the seq that comes next, the first seq that no receipt covers yet. */
function outbox(): { epoch: string; next: number; unreceipted: number } {
  const db = new DatabaseSync(join(up.data, "agent", "outbox.sqlite"), { readOnly: true });
  try {
    const { id, next } = db.prepare("SELECT id, next FROM epoch").get() as { id: string; next: number };
    const { least } = db.prepare("SELECT min(seq) AS least FROM kept").get() as { least: number | null };
    return { epoch: id, next, unreceipted: least ?? next };
  } finally {
    db.close();
  }
}

async function idsByAddress(): Promise<Map<string, string>> {
  return new Map((await up.api.devices()).flatMap((d) => d.addresses.map((a) => [a, d.id] as const)));
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
    await waitFor("everything told by then is receipted", () => outbox().unreceipted >= next, 90_000, 500);
    note(`whole and drained ${((performance.now() - began) / 1000).toFixed(1)} s after the last kill, ${next - 1} observations`);
  });

  it("left every committed observation stored exactly once", async () => {
    const { epoch, unreceipted } = outbox();
    const rows = await store.query<{ epoch: string; seqs: number; least: number; most: number; contents: number }>(
      `SELECT epoch, uniqExact(seq) AS seqs, min(seq) AS least, max(seq) AS most, uniqExact(seq, content_hash) AS contents
       FROM observation GROUP BY agent, epoch`,
    );
    const numbers = rows.map((r) => ({ ...r, seqs: Number(r.seqs), contents: Number(r.contents) }));
    expect(numbers.map((r) => r.epoch)).toContain(epoch);
    for (const { epoch: name, seqs, least, most, contents } of numbers) {
      expect([name, least, seqs, contents]).toEqual([name, 1, most, most]);
      if (name === epoch) expect(most).toBeGreaterThanOrEqual(unreceipted - 1);
    }
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
    const drifted = events.filter((e) => kindOf(e) === "drift" || kindOf(e) === "transition");
    expect(drifted.filter((e) => e.data.change !== "device-appeared")).toEqual([]);
    const revised = new Set(drifted.flatMap((e) => e.data.revises ?? []));
    const standing = drifted.filter((e) => !revised.has(e.id)).map((e) => e.data.device);
    expect(new Set(standing).size).toBe(standing.length);
  });
});
