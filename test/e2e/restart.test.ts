/** Ctrl-C and the next start on the same folder: everything ends, nothing is lost, nothing is told that did not happen. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  expectedLines,
  freeBind,
  kindOf,
  lineOf,
  listeners,
  mismatches,
  newDataFolder,
  note,
  type OutboxFile,
  processesOf,
  type RecordedEvent,
  type RunningUp,
  readOutboxFile,
  removeFolder,
  startUp,
  viewSite,
  waitFor,
} from "../kit/index.ts";
import { DRIFT_EXPECTATIONS } from "../site/expected.ts";

const TOLD = new Set(["drift", "transition", "agent"]);
const ROUND_MS = 75_000;
/** At the second start the script goes on: its first drift comes then, its second after the test. */
const [FIRST] = DRIFT_EXPECTATIONS;
/** Longer than three missed looks at presence and one round of every light probe. */
const WATCH_MS = 35_000;

let data: string;
let up: RunningUp;
let ids: ReadonlyMap<string, string>;
let cursor: string;
let told: readonly RecordedEvent[];
/** The agent's account at the end of the first start. */
let sent: OutboxFile["sent"];

async function idsOf(): Promise<Map<string, string>> {
  const { found } = await viewSite(up.api, await up.site());
  return new Map([...found].map(([name, [device]]) => [name, device?.id ?? ""]));
}

describe("a second start", () => {
  const bind = freeBind();
  beforeAll(async () => {
    data = await newDataFolder();
    up = await startUp({ data, bind, driftDelay: 600 });
  });
  afterAll(async () => {
    await up?.stop();
    await removeFolder(data);
  });

  it("comes after a whole first round", async () => {
    const holds = async () => (await mismatches(up.api, await up.site())).length === 0;
    await waitFor("the table holds", holds, ROUND_MS, 1_000).catch(() => undefined);
    expect(await mismatches(up.api, await up.site())).toEqual([]);
    ids = await idsOf();
    told = await up.api.events();
    const feed = await up.api.live();
    cursor = feed.cursor();
    feed.close();
  });

  it("finds that Ctrl-C has ended everything within 15 s", async () => {
    const { status, ms } = await up.stop();
    expect(status).toBe(0);
    expect(ms).toBeLessThan(15_000);
    expect(processesOf(data)).toEqual([]);
    const network = bind.replace(/0\/24$/, "");
    const ours = new Set(Object.values(up.ports).map((port) => `127.0.0.1:${port}`));
    expect(listeners().filter((address) => address.startsWith(network) || ours.has(address))).toEqual([]);
    sent = readOutboxFile(data).sent;
    note(`stopped within ${(ms / 1000).toFixed(1)} s`);
  });

  it("is ready within seconds, with the same devices under the same ids", async () => {
    up = await startUp({ data, bind, driftDelay: 15, driftEvery: 600 });
    note(`second start ready after ${(up.readyMs / 1000).toFixed(1)} s`);
    expect(up.readyMs).toBeLessThan(15_000);
    expect(await idsOf()).toEqual(ids);
  });

  it("tells the drift that happened, and nothing else", async () => {
    const feed = await up.api.live(cursor);
    const name = FIRST?.persona ?? "";
    const persona = (await up.site()).personas[name];
    const fresh = async () => {
      const known = new Set(told.map((e) => e.id));
      return (await up.api.events()).filter((e) => TOLD.has(kindOf(e)) && !known.has(e.id));
    };
    const began = Date.now();
    const wanted = FIRST === undefined ? [] : expectedLines(FIRST);
    await waitFor("its events", async () => (await fresh()).length >= wanted.length && Date.now() - began > WATCH_MS, 90_000, 500);
    const events = await fresh();
    expect(events.map((e) => (persona === undefined ? "" : lineOf(e, persona))).sort()).toEqual([...wanted].sort());
    expect(new Set(events.map((e) => e.data.device))).toEqual(new Set([ids.get(name)]));
    const sent = feed.events.filter((e) => TOLD.has(kindOf(e)));
    expect(sent.map((e) => e.id).sort()).toEqual(events.map((e) => e.id).sort());
    feed.close();
    expect(await idsOf()).toEqual(ids);
  });

  it("remembers what it had sent: what is unchanged is confirmed, not sent again", () => {
    const now = readOutboxFile(data).sent;
    const same = [...sent].flatMap(([look, before]) => {
      const after = now.get(look);
      return after !== undefined && after.hash === before.hash ? [{ look, before, after }] : [];
    });
    expect(same.filter((s) => s.after.key !== s.before.key).map((s) => s.look)).toEqual([]);
    const confirmed = same.filter((s) => s.after.reportedAtMs > s.before.reportedAtMs);
    note(`${confirmed.length} of ${sent.size} looks confirmed after the second start`);
    expect(confirmed.length).toBeGreaterThan(sent.size / 2);
  });

  it("sees no other difference", async () => {
    const differ = await mismatches(up.api, await up.site());
    expect(differ.filter((line) => !line.startsWith(`${FIRST?.persona}: `))).toEqual([]);
  });
});
