/** Eras, reader by reader, on a real ClickHouse: what lies beyond the end of its era shows nowhere, and of the present only the newest complete era does. */
import {
  openEra,
  readApplied,
  readBeliefs,
  readBss,
  readClosedTime,
  readDevice,
  readDevices,
  readEraMark,
  readEvents,
  readEventsAfter,
  readFindings,
  readFoundings,
  readHolders,
  readShared,
  readSiteIdentifiers,
  readSiteTotals,
  readState,
  readSummaries,
  type Store,
} from "@vedette/collector/src/store/index.ts";
import { readPresent } from "@vedette/collector/src/store/present.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../kit/index.ts";

const T0 = Date.UTC(2026, 2, 3, 8);
const BUCKET = 7;
const iso = (ms: number) => new Date(ms).toISOString();
const PLACE = { tenant: "t", site: "s" };
const { tenant, site } = PLACE;

let stack: TestStack;
let store: Store;

beforeAll(async () => {
  stack = await startTestStack();
  store = stack.store;
});
afterAll(() => stack.stop());

/** One row of each table of history and of the present, told apart by `mark` wherever a row can say anything. */
function rowsOf(mark: string, of: { readonly device: string }): Readonly<Record<string, object>> {
  const { device } = of;
  const verdict = { device, clause: "5.1.1", status: "pass", basis: "observed", code: mark, parameters: "{}", observed_at: null };
  return {
    belief: { ...verdict, from: iso(T0), evidence: "[]", rule_version: 1, cause: "observation", initial: false },
    device: { device, founding: `founding-${device}`, alias_of: "", gone: false, body: JSON.stringify({ mark }) },
    identifier: { kind: "key", value: "k", device, joins: false, cloned: false, first_seen_at: iso(T0), observation: mark, gone: false },
    event: {
      id: `${mark}-${device}`,
      device,
      kind: "drift",
      clause: "",
      at: iso(T0),
      key: mark,
      revises: [],
      body: JSON.stringify({ data: { change: mark } }),
    },
    finding: { id: `finding-${device}`, kind: "key-reuse", body: mark, withdrawn: false },
    state: { ...verdict, since: iso(T0), gone: false },
    bss: { bssid: "00:11:22:33:44:55", ssid: device, device, facts: JSON.stringify({ mark }), observed_at: iso(T0), gone: false },
    summary: {
      device,
      name: mark,
      class: "camera",
      membership: "in",
      vendor: "",
      model: "",
      firmware: "",
      addresses: [],
      failing: [],
      proven: null,
      possible: null,
      status: "pass",
      first_seen_at: iso(T0),
      last_seen_at: iso(T0),
      vanished_at: null,
      body: JSON.stringify({ mark }),
      gone: false,
    },
  };
}

interface At {
  readonly era: number;
  readonly seq: number;
}

/** As apply writes a changeset, but for the row that makes it visible. */
async function write(rows: Readonly<Record<string, object>>, { era, seq }: At): Promise<void> {
  const stamp = { bucket: BUCKET, era, seq, recorded_at: iso(T0 + era * 100_000 + seq * 1_000) };
  for (const [table, row] of Object.entries(rows)) {
    await store.insert(table, [{ ...(table === "finding" ? { tenant } : PLACE), ...row, ...stamp }]);
  }
}

async function complete({ era, seq }: At): Promise<void> {
  const recorded = iso(T0 + era * 100_000 + seq * 1_000);
  const row = {
    bucket: BUCKET,
    era,
    seq,
    recorded_at: recorded,
    derived_through: recorded,
    code: "1",
    hash: `${era}-${seq}`,
    row_count: 1,
  };
  await store.insert("changeset", [row]);
}

/** After everything. */
const END = Date.UTC(2100, 0, 1);
/** What each reader of history says, as text: it holds the mark of every row that shows. */
const HISTORY: Readonly<Record<string, () => Promise<unknown>>> = {
  readBeliefs: () => readBeliefs(store, tenant, site),
  "readBeliefs, as known": () => readBeliefs(store, tenant, site, { knownAt: END }),
  readDevice: () => Promise.all(["d1", "d2", "d5"].map((id) => readDevice(store, tenant, id))),
  "readDevice, as known": () => Promise.all(["d1", "d2", "d5"].map((id) => readDevice(store, tenant, id, END))),
  readDevices: () => readDevices(store, tenant, site),
  "readDevices, as known": () => readDevices(store, tenant, site, END),
  readFoundings: async () => [...(await readFoundings(store, tenant, site))],
  readSiteIdentifiers: () => readSiteIdentifiers(store, tenant, site),
  readHolders: () => readHolders(store, tenant, "key", ["k"]),
  readShared: () => readShared(store, tenant, "key"),
  readFindings: () => readFindings(store, tenant),
  readEvents: () => readEvents(store, tenant, { limit: 100 }),
  readEventsAfter: () => readEventsAfter(store, tenant, { position: { bucket: BUCKET, era: 0, seq: 0, event: "" }, limit: 100 }),
  readApplied: async () => [...(await readApplied(store, [BUCKET]))],
  readClosedTime: () => readClosedTime(store, [BUCKET]),
  readPresent: async () => {
    const { beliefs, devices, identifiers, events } = await readPresent(store, tenant, site, false);
    return [beliefs, devices, identifiers, events].map((map) => [...map]);
  },
};
const PRESENT: Readonly<Record<string, () => Promise<unknown>>> = {
  readState: () => readState(store, tenant, site),
  "readState of a device": () => Promise.all(["d1", "d5"].map((id) => readState(store, tenant, site, id))),
  readSummaries: () => readSummaries(store, tenant, { limit: 100 }),
  readSiteTotals: () => readSiteTotals(store, tenant),
  readBss: () => readBss(store, tenant, site),
  readPresent: async () => {
    const { states, summaries, bss } = await readPresent(store, tenant, site, true);
    return [states, summaries, bss].map((map) => [...map]);
  },
};

async function tell(readers: Readonly<Record<string, () => Promise<unknown>>>): Promise<Map<string, string>> {
  const entries = Object.entries(readers).map(async ([name, read]) => [name, JSON.stringify(await read())] as const);
  return new Map(await Promise.all(entries));
}

/** The names of readers that say the same in both. */
function same(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...a.keys()].filter((name) => a.get(name) === b.get(name));
}

async function endAt(ended: At): Promise<void> {
  const mark = await readEraMark(store, BUCKET);
  const row = { bucket: BUCKET, era: mark.era + 1, endedEra: ended.era, endedSeq: ended.seq, reason: "the log was lost" };
  expect(await openEra(store, { ...row, openedAt: T0 }, mark)).toBe(true);
}

describe("beyond the end of its era", () => {
  const all = Object.keys(HISTORY);
  const ended = { era: 1, seq: 1 };
  let before: Map<string, string>;

  it("nothing of history shows, to whomever, whether it came before the era ended or after", async () => {
    for (const device of ["d1", "d2"]) await write(rowsOf("kept", { device }), ended);
    await complete(ended);
    before = await tell(HISTORY);
    await write(rowsOf("late", { device: "d1" }), { era: 1, seq: 2 });
    await write(rowsOf("late", { device: "d3" }), { era: 1, seq: 2 });
    await complete({ era: 1, seq: 2 });
    expect(same(await tell(HISTORY), before)).toEqual([]);

    await endAt(ended);
    expect(same(await tell(HISTORY), before)).toEqual(all);
    await write(rowsOf("later", { device: "d2" }), { era: 1, seq: 3 });
    await write(rowsOf("later", { device: "d4" }), { era: 1, seq: 3 });
    await complete({ era: 1, seq: 3 });
    expect(same(await tell(HISTORY), before)).toEqual(all);
  });

  it("the next era's rows show beside those before the end", async () => {
    // The one of these that was already told of beyond the end is first recorded now.
    for (const device of ["d3", "d5"]) await write(rowsOf("next", { device }), { era: 2, seq: 1 });
    await complete({ era: 2, seq: 1 });
    const now = await tell(HISTORY);
    expect(same(now, before)).toEqual([]);
    expect(now.get("readDevices")).toContain("kept");
    expect(now.get("readDevices")).toContain("next");
    const recordedAt = T0 + 2 * 100_000 + 1_000;
    expect((await readPresent(store, tenant, site, false)).devices.get("d3")).toMatchObject({ recordedAt });
    expect((await readFoundings(store, tenant, site)).get("founding-d3")).toMatchObject({ recordedAt });
  });

  it("of the present only what the newest era says shows", async () => {
    const now = await tell(PRESENT);
    for (const [name, text] of now) {
      if (name === "readSiteTotals") expect(JSON.parse(text)).toMatchObject([{ devices: 2 }]);
      else expect([name, /kept|late/.test(text), text.includes("next") || text.includes("d5")]).toEqual([name, false, true]);
    }
    // An era that has not said all shows beside the one before.
    await write(rowsOf("open", { device: "d6" }), { era: 3, seq: 1 });
    const during = await tell(PRESENT);
    expect(during.get("readSummaries")).toContain("next");
    await complete({ era: 3, seq: 1 });
    expect((await tell(PRESENT)).get("readSummaries")).not.toContain("next");
  });
});
