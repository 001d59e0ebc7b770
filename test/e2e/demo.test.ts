/**
 * The demo from its start to the end of its script, against test/site/expected.ts: what is found, what each drift makes of it, and that
 * what was once answered stays answered.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Device, Verdict } from "@vedette/collector/src/api/shape.ts";
import { openStore, type Store } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  expectedLines,
  kindOf,
  type LiveFrames,
  lineOf,
  mismatches,
  note,
  type RecordedEvent,
  type RunningUp,
  removeFolder,
  signal,
  startUp,
  vedette,
  viewSite,
  waitFor,
} from "../kit/index.ts";
import { DRIFT_EXPECTATIONS, EXPECTATIONS } from "../site/expected.ts";
import type { PersonaState } from "../site/state.ts";

const DRIFT_DELAY_S = 75;
const DRIFT_EVERY_S = 6;
/** The first full round must be over before the first drift. */
const ROUND_MS = (DRIFT_DELAY_S - 2) * 1000;
/** What only a TLS posture shows is seen after up to 66 s, and told a little later. */
const SEEN_MS = 100_000;
/** A TLS posture is taken every 60 s and is fresh for three of them. */
const EXPIRY_MS = 260_000;
/** Confirmations may wait this long before they are derived. */
const QUIET_MS = 8_000;

const TOLD = new Set(["drift", "transition"]);

let up: RunningUp;
let live: LiveFrames;
let store: Store;
/** Recorded before the feed was subscribed to. */
let early: ReadonlySet<string>;
/** Persona → device id, as first found. */
const ids = new Map<string, string>();
/** Paths with the bytes that they gave for a knownAt before the first drift. */
const before = new Map<string, string>();

async function persona(name: string): Promise<PersonaState> {
  const found = (await up.site()).personas[name];
  if (found === undefined) throw new RangeError(`no persona is named ${name}`);
  return found;
}

/** Drift and transition events of a device but for its first appearance, in the table's words. */
async function toldOf(name: string): Promise<{ lines: string[]; events: RecordedEvent[] }> {
  const state = await persona(name);
  const events = (await up.api.events()).filter(
    (e) => e.data.device === ids.get(name) && TOLD.has(kindOf(e)) && e.data.change !== "device-appeared",
  );
  return { lines: events.map((e) => lineOf(e, state)), events };
}

function rebuild() {
  return vedette(["collector", "rebuild", "--config", join(up.data, "run", "collector.yaml"), "--json"]);
}

/** The current tables, without the numbers of the changesets that wrote them and without what every confirmation moves. */
async function currentTables(): Promise<Record<string, unknown[]>> {
  const skip = (...more: string[]) => `EXCEPT (${["recorded_at", "bucket", "era", "seq", ...more].join(", ")})`;
  const [state, summary, bss] = await Promise.all([
    store.query(`SELECT * ${skip()} FROM state FINAL WHERE NOT gone ORDER BY device, clause`),
    store.query<{ body: string }>(`SELECT * ${skip("last_seen_at")} FROM summary FINAL WHERE NOT gone ORDER BY device`),
    store.query(`SELECT * ${skip("observed_at")} FROM bss FINAL WHERE NOT gone ORDER BY bssid, ssid`),
  ]);
  const summaries = summary.map(({ body, ...row }) => ({ ...row, body: { ...(JSON.parse(body) as Device), lastSeenAt: "" } }));
  return { state, summary: summaries, bss };
}

interface Present {
  readonly device: unknown;
  readonly verdicts: readonly Pick<Verdict, "clause" | "status" | "code" | "parameters" | "evidence" | "since" | "observedAt">[];
}

async function present(): Promise<Record<string, Present>> {
  const out: Record<string, Present> = {};
  for (const { id } of await up.api.devices()) {
    const { lastSeenAt: _, ...device } = await up.api.device(id);
    const { verdicts } = await up.api.assessment(id);
    const kept = verdicts.map(({ clause, status, code, parameters, evidence, since, observedAt }) => {
      return { clause, status, code, parameters, evidence, since, observedAt };
    });
    out[id] = { device, verdicts: kept };
  }
  return out;
}

describe("the demo", () => {
  beforeAll(async () => {
    up = await startUp({ driftDelay: DRIFT_DELAY_S, driftEvery: DRIFT_EVERY_S, sweepSeconds: 20 });
    live = await up.api.live();
    early = new Set((await up.api.events()).map((e) => e.id));
    const password = (await readFile(join(up.data, "keys", "clickhouse-password"), "utf8")).trim();
    store = openStore({ url: `http://127.0.0.1:${up.ports.clickhouse}`, user: "vedette", password, database: "vedette" });
  });
  afterAll(async () => {
    live?.close();
    await store?.close();
    await up?.stop();
    await removeFolder(up.data);
  });

  it("finds every persona with its sources, class, membership and verdicts, before anything drifts", async () => {
    const began = performance.now();
    await waitFor("a device with verdicts", async () => (await up.api.devices()).some((d) => d.counts.pass + d.counts.fail > 0), ROUND_MS);
    const first = performance.now() - began;
    const found = async () => mismatches(up.api, await up.site());
    await waitFor("the table holds", async () => (await found()).length === 0, ROUND_MS, 1_000).catch(() => undefined);
    expect(await found()).toEqual([]);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    note(
      `ready after ${seconds(up.readyMs)} s, first verdicts ${seconds(first)} s later, all personas ${seconds(performance.now() - began)} s later`,
    );
    expect((await up.site()).drifts).toEqual([]);
    for (const [name, [device]] of (await viewSite(up.api, await up.site())).found) ids.set(name, device?.id ?? "");
    expect(new Set(ids.values()).size).toBe(EXPECTATIONS.length);
  });

  it("has told nothing but that each device appeared", async () => {
    const told = (await up.api.events()).filter((e) => TOLD.has(kindOf(e)));
    expect(told.filter((e) => e.data.change !== "device-appeared")).toEqual([]);
    const revised = new Set(told.flatMap((e) => e.data.revises ?? []));
    const standing = told.filter((e) => !revised.has(e.id)).map((e) => e.data.device);
    expect(standing.sort()).toEqual([...ids.values()].sort());
  });

  it("keeps its answers of now for later", async () => {
    const { knownAt } = await up.api.assessment(ids.get("camera-good") ?? "");
    for (const id of ids.values()) {
      for (const path of [`/devices/${id}/assessment?knownAt=${knownAt}`, `/devices/${id}/timeline?knownAt=${knownAt}`])
        before.set(path, await up.api.text(path));
    }
    expect([...before.values()].every((text) => text.includes(`"knownAt":"${knownAt}"`))).toBe(true);
  });

  it.each(DRIFT_EXPECTATIONS)("$drift of $persona becomes its events", async (row) => {
    const wanted = expectedLines(row);
    const holds = async () => {
      const { lines } = await toldOf(row.persona);
      return wanted.every((line) => lines.includes(line));
    };
    await waitFor(`${row.drift} happens`, async () => (await up.site()).drifts.some((d) => d.id === row.drift), 150_000, 250);
    await waitFor("its events", holds, SEEN_MS, 500).catch(() => undefined);
    const { lines, events } = await toldOf(row.persona);
    expect(lines.filter((line) => !line.includes("evidence-expired")).sort()).toEqual([...wanted].sort());
    for (const event of events) {
      expect(event.data.evidence.length).toBeGreaterThan(0);
      expect(event.data.reason.en).toMatch(/\w.*\.$/);
      expect(event.data.reason["zh-TW"]).toMatch(/\p{Script=Han}.*。$/u);
    }
  });

  it("keeps the id of the camera that moved, and names the identifier that joined it", async () => {
    const row = DRIFT_EXPECTATIONS.find((r) => r.drift === "camera-moves");
    const moved = await persona("camera-moves");
    const device = await up.api.device(ids.get("camera-moves") ?? "");
    expect(device.addresses).toEqual([moved.address]);
    const [event] = (await toldOf("camera-moves")).events;
    const { identifier, value, to } = (event?.data["parameters"] ?? {}) as Record<string, string>;
    expect(row?.joinedBy).toContain(identifier);
    expect(identifier === "uuid" ? moved.udn : moved.serial).toBe(value);
    expect(to).toBe(moved.address);
    expect(event?.data.reason.en).toContain(value);
  });

  it("tells the expiry of what a vanished camera left behind once per probe", async () => {
    const expiry = DRIFT_EXPECTATIONS.find((r) => r.drift === "camera-vanishes")?.whenEvidenceExpires;
    const wanted = expiry?.announced.map((probe) => `drift evidence-expired ${probe}`) ?? [];
    const expired = async () => (await toldOf("camera-vanishes")).lines.filter((line) => line.includes("evidence-expired"));
    await waitFor("every expiry", async () => (await expired()).length >= wanted.length, EXPIRY_MS, 1_000).catch(() => undefined);
    expect((await expired()).sort()).toEqual([...wanted].sort());
    const { items } = await up.api.timeline(ids.get("camera-vanishes") ?? "");
    for (const { clause, from, to } of expiry?.verdicts ?? []) {
      // Its reason may change again as more expires.
      const stretches = items.filter((i) => i.clause === clause);
      const since = stretches.findLastIndex((i) => i.status !== to) + 1;
      const after = stretches.slice(since);
      expect([clause, stretches[since - 1]?.status, after[0]?.cause]).toEqual([clause, from, "expiry"]);
      expect(after.every((i) => i.cause === "expiry")).toBe(true);
    }
  });

  it("has told nothing that the table does not list", async () => {
    const rows = new Map(DRIFT_EXPECTATIONS.map((row) => [row.persona, row]));
    for (const { persona: name } of EXPECTATIONS) {
      const row = rows.get(name);
      const expired = row?.whenEvidenceExpires?.announced.map((probe) => `drift evidence-expired ${probe}`) ?? [];
      const wanted = row === undefined ? [] : [...expectedLines(row), ...expired];
      expect([name, (await toldOf(name)).lines.sort()]).toEqual([name, wanted.sort()]);
    }
    const known = new Set(ids.values());
    const strange = (await up.api.events()).filter((e) => TOLD.has(kindOf(e)) && !known.has(e.data.device ?? ""));
    expect(strange).toEqual([]);
  });

  it("sends on the live feed what REST lists, each once and in its order", async () => {
    const listed = await up.api.events();
    const expected = listed.filter((e) => !early.has(e.id));
    await waitFor("the feed is as far", () => live.events.length >= expected.length, 10_000).catch(() => undefined);
    const sent = live.events.filter((e) => !early.has(e.id));
    expect(sent.map((e) => e.id).sort()).toEqual(expected.map((e) => e.id).sort());
    expect(new Set(live.events.map((e) => e.id)).size).toBe(live.events.length);
    const times = sent.map((e) => e.recordedat);
    expect(times).toEqual(times.toSorted());
    const byId = new Map(listed.map((e) => [e.id, e]));
    for (const event of sent) expect(event).toEqual(byId.get(event.id));
  });

  it("finds nothing to correct in its sweeps", async () => {
    const metrics = await up.api.metrics();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
    expect(value("vedette_sweep_devices_total")).toBeGreaterThanOrEqual(EXPECTATIONS.length);
    expect(value("vedette_sweep_corrections_total")).toBe(0);
  });

  it("derives the same present from nothing, and writes the current tables anew where they were lost", async () => {
    signal(up.child("agent"), "SIGSTOP");
    try {
      await sleep(QUIET_MS);
      const was = await present();
      const tables = await currentTables();
      const again = await rebuild();
      expect(again).toMatchObject({ status: 0 });
      expect(JSON.parse(again.stdout)).toEqual({ sites: 1, devices: EXPECTATIONS.length, rows: 0 });
      signal(up.child("collector"), "SIGSTOP");
      try {
        for (const table of ["state", "summary", "bss"]) await store.command(`TRUNCATE TABLE ${table}`);
        const written = await rebuild();
        expect(written).toMatchObject({ status: 0 });
        expect((JSON.parse(written.stdout) as { rows: number }).rows).toBe(Object.values(tables).flat().length);
      } finally {
        signal(up.child("collector"), "SIGCONT");
      }
      await waitFor("the collector goes on", () => up.api.ready());
      expect(await currentTables()).toEqual(tables);
      expect(await present()).toEqual(was);
    } finally {
      signal(up.child("agent"), "SIGCONT");
    }
  });

  it("answers for a knownAt of before with the same bytes", async () => {
    for (const [path, text] of before) expect(await up.api.text(path)).toBe(text);
  });
});
