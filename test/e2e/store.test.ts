/** The reads of history and of the present, on a real ClickHouse: what counts by knownAt, by era and by version. */
import {
  at,
  joinNeighbours,
  readBeliefs,
  readBss,
  readDevice,
  readDevices,
  readEvents,
  readEventsAfter,
  readEvidence,
  readFindings,
  readFoundings,
  readHolders,
  readShared,
  readSiteIdentifiers,
  readSiteTotals,
  readState,
  readSummaries,
} from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesetRow, endFirstEra, startTestStack, type TestStack } from "../kit/index.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const T0 = Date.UTC(2026, 2, 3, 8);
const minute = (n: number) => T0 + n * 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
/** What apply adds to each row. */
const stamp = (bucket: number, era: number, seq: number, recordedAt: number) => ({ bucket, era, seq, recorded_at: iso(recordedAt) });

function belief(device: string, from: number, status: string, code = "c") {
  return {
    tenant: "t",
    site: "s",
    device,
    clause: "5.1.1",
    from: iso(from),
    status,
    basis: "observed",
    code,
    parameters: "{}",
    evidence: "[]",
    observed_at: null,
    rule_version: 1,
    cause: "observation",
    initial: false,
  };
}

function summary(device: string, more: object = {}) {
  return {
    tenant: "t",
    site: "s",
    device,
    name: `camera ${device}`,
    class: "camera",
    membership: "in",
    vendor: "Acme",
    model: "X1",
    firmware: "1.0",
    addresses: ["127.18.0.4"],
    failing: [],
    proven: 1,
    possible: 2,
    status: "pass",
    first_seen_at: iso(T0),
    last_seen_at: iso(T0),
    vanished_at: null,
    body: "{}",
    gone: false,
    ...more,
  };
}

describe("beliefs", () => {
  it("are read as they were known, without what was retracted, neighbours joined", async () => {
    await stack.store.insert("belief", [
      { ...belief("d1", minute(0), "pass"), ...stamp(1, 1, 1, minute(1)) },
      { ...belief("d1", minute(10), "fail"), ...stamp(1, 1, 2, minute(11)) },
      { ...belief("d1", minute(20), "fail"), ...stamp(1, 1, 3, minute(21)) },
      // A late replay: at minute 5 it failed already, and what was said from minute 10 on no longer stands by itself.
      { ...belief("d1", minute(5), "fail"), ...stamp(1, 1, 4, minute(60)) },
      { ...belief("d1", minute(10), "retracted"), ...stamp(1, 1, 4, minute(60)) },
    ]);
    const show = async (knownAt?: number) =>
      joinNeighbours(await readBeliefs(stack.store, "t", "s", { devices: ["d1"], ...(knownAt === undefined ? {} : { knownAt }) })).map(
        (s) => [s.status, s.from, s.to],
      );
    const before = [
      ["pass", minute(0), minute(10)],
      ["fail", minute(10), null],
    ];
    expect(await show(minute(59))).toEqual(before);
    expect(await show(minute(60))).toEqual([
      ["pass", minute(0), minute(5)],
      ["fail", minute(5), null],
    ]);
    expect(await show()).toEqual(await show(minute(60)));
    expect(await show(minute(59))).toEqual(before);
    expect(at(joinNeighbours(await readBeliefs(stack.store, "t", "s")), minute(4)).map((s) => s.status)).toEqual(["pass"]);
    expect((await readBeliefs(stack.store, "t", "s", { retracted: true })).map((b) => b.status)).toContain("retracted");
    expect(await readBeliefs(stack.store, "other", "s")).toEqual([]);
  });

  it("beyond the end of their era are ignored, whenever they come", async () => {
    const rows = [
      { ...belief("d2", minute(0), "pass"), ...stamp(2, 1, 1, minute(1)) },
      { ...belief("d2", minute(0), "fail", "lost"), ...stamp(2, 1, 2, minute(2)) },
    ];
    await stack.store.insert("belief", rows);
    const codes = async () => (await readBeliefs(stack.store, "t", "s", { devices: ["d2"] })).map((b) => b.code);
    expect(await codes()).toEqual(["lost"]);
    await endFirstEra(stack.store, 2, minute(3));
    expect(await codes()).toEqual(["c"]);
    await stack.store.insert("belief", [{ ...belief("d2", minute(0), "fail", "new"), ...stamp(2, 2, 1, minute(4)) }, ...rows]);
    expect(await codes()).toEqual(["new"]);
    expect((await readBeliefs(stack.store, "t", "s", { devices: ["d2"], knownAt: minute(3) })).map((b) => b.code)).toEqual(["c"]);
  });
});

describe("the present", () => {
  it("is the newest complete era; rows applied twice or out of order change nothing", async () => {
    const state = (device: string, status: string) => ({
      tenant: "t",
      site: "s",
      device,
      clause: "5.1.1",
      status,
      basis: "observed",
      code: "c",
      parameters: "{}",
      since: iso(T0),
      observed_at: iso(T0),
      gone: false,
    });
    await stack.store.insert("state", [
      { ...state("d3", "fail"), ...stamp(3, 1, 2, minute(2)) },
      { ...state("d3", "pass"), ...stamp(3, 1, 1, minute(1)) },
      { ...state("d4", "pass"), ...stamp(3, 1, 1, minute(1)) },
      { ...state("d5", "pass"), ...stamp(3, 1, 1, minute(1)) },
    ]);
    await stack.store.insert("state", [{ ...state("d5", "pass"), gone: true, ...stamp(3, 1, 3, minute(3)) }]);
    await stack.store.insert("changeset", [changesetRow(3, 1, 1, minute(1))]);
    const show = async () => (await readState(stack.store, "t", "s")).map((s) => [s.device, s.status]);
    expect(await show()).toEqual([
      ["d3", "fail"],
      ["d4", "pass"],
    ]);
    // The next era no longer has d4; while it is incomplete d4 still shows.
    await stack.store.insert("state", [{ ...state("d3", "pass"), ...stamp(3, 2, 1, minute(9)) }]);
    expect(await show()).toEqual([
      ["d3", "pass"],
      ["d4", "pass"],
    ]);
    await stack.store.insert("changeset", [changesetRow(3, 2, 1, minute(9))]);
    expect(await show()).toEqual([["d3", "pass"]]);
    expect((await readState(stack.store, "t", "s", "d3"))[0]).toMatchObject({ since: T0, observedAt: T0 });
  });

  it("lists devices by page, search and filter", async () => {
    const rows = ["a", "b", "c"].map((id, i) => summary(id, { addresses: [`127.18.0.${i}`], proven: i === 2 ? null : i }));
    await stack.store.insert(
      "summary",
      rows.map((row, i) => ({
        ...row,
        failing: i === 0 ? ["5.1.1"] : [],
        status: i === 0 ? "fail" : "pass",
        ...stamp(4, 1, 1, minute(1)),
      })),
    );
    const ids = async (q: object) => (await readSummaries(stack.store, "t", { limit: 10, ...q })).map((s) => s.device);
    expect(await ids({})).toEqual(["a", "b", "c"]);
    expect(await ids({ limit: 2 })).toEqual(["a", "b"]);
    expect(await ids({ after: { site: "s", device: "b" } })).toEqual(["c"]);
    expect(await ids({ q: "CAMERA B" })).toEqual(["b"]);
    expect(await ids({ q: "18.0.2" })).toEqual(["c"]);
    expect(await ids({ q: "" })).toEqual(["a", "b", "c"]);
    expect(await ids({ clause: "5.1.1" })).toEqual(["a"]);
    expect(await ids({ status: "pass" })).toEqual(["b", "c"]);
    expect(await ids({ level: 1 })).toEqual(["b"]);
    expect(await ids({ level: null })).toEqual(["c"]);
    expect(await ids({ sites: ["other"] })).toEqual([]);
    expect(await readSiteTotals(stack.store, "t")).toHaveLength(3);
    expect((await readSiteTotals(stack.store, "t")).reduce((n, t) => n + t.failing, 0)).toBe(1);
    expect(await ids({ devices: ["b", "zz"], membership: "in" })).toEqual(["b"]);
    const many = Array.from({ length: 20_000 }, (_, i) => `no-such-device-${i}`);
    expect(await ids({ devices: [...many, "c"] })).toEqual(["c"]);
  });

  it("lists networks", async () => {
    const row = {
      tenant: "t",
      site: "s",
      bssid: "00:11:22:33:44:55",
      ssid: "cctv",
      device: "",
      facts: '{"a":1}',
      observed_at: iso(T0),
      gone: false,
    };
    await stack.store.insert("bss", [{ ...row, ...stamp(4, 1, 1, minute(1)) }]);
    expect(await readBss(stack.store, "t", "s")).toEqual([
      { bssid: "00:11:22:33:44:55", ssid: "cctv", device: null, facts: { a: 1 }, observedAt: T0 },
    ]);
  });
});

describe("devices and identifiers", () => {
  const device = (id: string, more: object) => ({
    tenant: "t",
    site: "s",
    device: id,
    founding: `f-${id}`,
    alias_of: "",
    gone: false,
    body: "{}",
    ...more,
  });

  it("answer as they were known", async () => {
    await stack.store.insert("device", [
      { ...device("d1", { body: '{"v":1}' }), ...stamp(5, 1, 1, minute(1)) },
      { ...device("d1", { body: '{"v":2}' }), ...stamp(5, 1, 2, minute(2)) },
      { ...device("d2", {}), ...stamp(5, 1, 1, minute(1)) },
      { ...device("d2", { alias_of: "d1", gone: true }), ...stamp(5, 1, 3, minute(3)) },
    ]);
    expect((await readDevice(stack.store, "t", "d1"))?.body).toBe('{"v":2}');
    expect((await readDevice(stack.store, "t", "d1", minute(1)))?.body).toBe('{"v":1}');
    expect(await readDevice(stack.store, "t", "d1", minute(0))).toBeNull();
    expect((await readDevices(stack.store, "t", "s")).map((d) => [d.device, d.aliasOf])).toEqual([
      ["d1", ""],
      ["d2", "d1"],
    ]);
    expect((await readFoundings(stack.store, "t", "s")).get("f-d1")).toEqual({ id: "d1", recordedAt: minute(1) });
  });

  it("are found over all sites of a tenant", async () => {
    const row = (site: string, id: string, gone = false) => ({
      tenant: "t",
      site,
      kind: "key",
      value: "k",
      device: id,
      joins: false,
      cloned: false,
      first_seen_at: iso(T0),
      observation: "o",
      gone,
    });
    await stack.store.insert("identifier", [
      { ...row("s", "d1"), ...stamp(5, 1, 1, minute(1)) },
      { ...row("s2", "d9"), ...stamp(6, 1, 1, minute(1)) },
    ]);
    expect((await readHolders(stack.store, "t", "key", ["k"])).map((h) => h.device)).toEqual(["d1", "d9"]);
    expect(await readShared(stack.store, "t", "key")).toEqual([
      {
        value: "k",
        holders: [
          { site: "s", device: "d1" },
          { site: "s2", device: "d9" },
        ],
      },
    ]);
    await stack.store.insert("identifier", [{ ...row("s2", "d9", true), ...stamp(6, 1, 2, minute(2)) }]);
    expect(await readShared(stack.store, "t", "key")).toEqual([]);
    expect((await readSiteIdentifiers(stack.store, "t", "s")).map((i) => i.value)).toEqual(["k"]);
    expect(await readHolders(stack.store, "other", "key", ["k"])).toEqual([]);
  });
});

describe("events, evidence, findings", () => {
  it("page without a gap and show an event once", async () => {
    const event = (id: string, n: number, kind = "drift") => ({
      id,
      tenant: "t",
      site: "s",
      device: "d1",
      kind,
      clause: "",
      at: iso(minute(n)),
      key: id,
      revises: [],
      body: `{"id":"${id}"}`,
      ...stamp(7, 1, n, minute(n)),
    });
    await stack.store.insert("event", [event("e1", 1), event("e2", 2), event("e3", 2, "transition")]);
    await stack.store.insert("event", [event("e1", 1)]);
    const all = await readEvents(stack.store, "t", { limit: 10 });
    expect(all.map((e) => e.id)).toEqual(["e3", "e2", "e1"]);
    const [first] = await readEvents(stack.store, "t", { limit: 1 });
    const rest = await readEvents(stack.store, "t", { limit: 10, ...(first === undefined ? {} : { after: first }) });
    expect(rest.map((e) => e.id)).toEqual(["e2", "e1"]);
    const filtered = await readEvents(stack.store, "t", {
      limit: 10,
      kinds: ["drift"],
      sites: ["s"],
      device: "d1",
      from: minute(2),
      to: minute(3),
    });
    expect(filtered.map((e) => e.id)).toEqual(["e2"]);
    const after = async (seq: number, id: string) =>
      (await readEventsAfter(stack.store, "t", { position: { bucket: 7, era: 1, seq, event: id }, limit: 10 })).map((e) => e.id);
    expect(await after(0, "")).toEqual(["e1", "e2", "e3"]);
    expect(await after(2, "e2")).toEqual(["e3"]);
    expect(await after(2, "~")).toEqual([]);
    const through = async (bucket: number, seq: number) =>
      (await readEvents(stack.store, "t", { limit: 10, applied: [{ bucket, era: 1, seq }] })).map((e) => e.id);
    expect(await through(7, 2)).toEqual(["e3", "e2", "e1"]);
    // Written, but the changeset's own row is not there yet.
    expect(await through(7, 1)).toEqual(["e1"]);
    expect(await through(8, 2)).toEqual([]);
  });

  it("give evidence by observation and findings until withdrawn", async () => {
    await stack.store.insert("evidence", [{ tenant: "t", site: "s", observation: "a/e/1", body: "{}", ...stamp(7, 1, 1, minute(1)) }]);
    expect(await readEvidence(stack.store, "t", "s", ["a/e/1", "a/e/2"])).toEqual(new Map([["a/e/1", "{}"]]));
    expect(await readEvidence(stack.store, "t", "other", ["a/e/1"])).toEqual(new Map());
    const finding = { tenant: "t", id: "f", kind: "key-reuse", body: "{}", withdrawn: false };
    await stack.store.insert("finding", [{ ...finding, ...stamp(7, 1, 1, minute(1)) }]);
    expect(await readFindings(stack.store, "t", "key-reuse")).toHaveLength(1);
    await stack.store.insert("finding", [{ ...finding, withdrawn: true, ...stamp(7, 1, 2, minute(2)) }]);
    expect(await readFindings(stack.store, "t")).toEqual([]);
  });
});
