/** The reads of truth, on a real ClickHouse: observations as deriving reads them, and documents. */
import {
  countGivenUp,
  documentStore,
  insertEpochs,
  insertObservations,
  type PendingRow,
  readCompact,
  readCompactAt,
  readSitesStoredAt,
  readStorageTimes,
} from "@vedette/collector/src/store/index.ts";
import { readObservationList } from "@vedette/collector/src/store/observation-list.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { gather, newEpoch, startTestStack, type TestStack } from "../kit/index.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const T0 = Date.UTC(2026, 2, 3, 8);
const minute = (n: number) => T0 + n * 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

it("observations collapse by key and content, with what was stored first", async () => {
  const epoch = newEpoch();
  const address = { tenant: "t", site: "s", agent: "a" };
  const row: PendingRow = {
    ...address,
    epoch,
    epoch_created_at: iso(T0),
    seq: 1,
    content_hash: "h",
    probe: "http.root",
    probe_version: 1,
    tier: "polite",
    subject_kind: "host",
    server_address: "127.18.0.4",
    network_transport: "",
    server_port: 0,
    bssid: "",
    ssid: "",
    link_address: "",
    interface: "lo",
    wall_at: iso(T0),
    offset_ms: null,
    uncertainty_ms: null,
    monotonic_ms: 1,
    boot_id: "b",
    outcome: "identified",
    fault_phase: "",
    fault_code: "",
    fault_message: "",
    facts_hash: "f",
    posture: "",
    volatile: "",
    facts: "{}",
    confirm_epoch: "",
    confirm_seq: 0,
    interval_ms: 1_000,
    evidence: "[]",
    connections: 1,
    bytes_in: 1,
    bytes_out: 1,
    duration_ms: 1,
    agent_version: "1",
  };
  // Sent again with a clock that was measured meanwhile: the first row counts, its missing offset included.
  await insertEpochs(stack.store, [{ ...address, epoch, createdAt: T0 + 9 }], minute(2));
  await insertEpochs(stack.store, [{ ...address, epoch, createdAt: T0 }], minute(1));
  await insertObservations(stack.store, [{ ...row, offset_ms: 500 }], minute(30));
  await insertObservations(stack.store, [row], minute(1));
  await insertObservations(stack.store, [{ ...row, seq: 2 }], minute(1));
  const all = await gather(readCompact(stack.store, "t", "s"));
  expect(all.map((o) => [o.seq, o.wallAt, o.storedAt, o.epochCreatedAt]).sort()).toEqual([
    [1, T0, minute(1), T0],
    [2, T0, minute(1), T0],
  ]);
  // Only one row of the key is recent, yet it is read with its earliest storage.
  const recent = await gather(readCompact(stack.store, "t", "s", minute(20)));
  expect(recent.map((o) => [o.seq, o.storedAt])).toEqual([[1, minute(1)]]);
  expect(await gather(readCompact(stack.store, "t", "other"))).toEqual([]);
  expect(await readStorageTimes(stack.store, minute(20))).toEqual([{ at: minute(30), facts: 1, confirmed: 0 }]);
  expect(await readSitesStoredAt(stack.store, [minute(1), minute(2)])).toEqual([{ tenant: "t", site: "s" }]);
  expect(await readSitesStoredAt(stack.store, [minute(2)])).toEqual([]);
  const sites = [
    { tenant: "t", site: "other" },
    { tenant: "t", site: "s" },
  ];
  const late = await gather(readCompactAt(stack.store, sites, [minute(30), minute(31)]));
  expect(late.map(({ tenant, site, observation: o }) => [tenant, site, o.seq, o.storedAt])).toEqual([["t", "s", 1, minute(1)]]);
  expect(await gather(readCompactAt(stack.store, sites.slice(0, 1), [minute(30)]))).toEqual([]);
  // Stored twice, listed once, at its earliest storage: no page repeats it.
  const list = (q: { addresses?: string[]; before?: { storedAt: number; id: string; contentHash: string } }) =>
    readObservationList(stack.store, "t", "s", { addresses: ["127.18.0.4"], bssids: [], limit: 1, ...q });
  const before = (seq: number) => ({ storedAt: minute(1), id: `a/${epoch}/${seq}`, contentHash: row.content_hash });
  expect(await list({})).toMatchObject([{ storedAt: minute(1), row: { seq: 2 } }]);
  expect(await list({ before: before(2) })).toMatchObject([{ storedAt: minute(1), row: { seq: 1, offset_ms: null } }]);
  expect(await list({ before: before(1) })).toEqual([]);
  expect(await list({ addresses: [""] })).toEqual([]);

  // What an agent gave up: each record once, what only came to bear other numbers not at all.
  const gap = (seq: number, reason: string) => {
    const facts = JSON.stringify({ reason, confirmations: 4, outcomes: 1, changes: 2 });
    return { ...row, seq, content_hash: `gap-${seq}`, probe: "agent.gap", facts };
  };
  for (const at of [40, 41]) await insertObservations(stack.store, [gap(9, "size"), gap(10, "renumbered"), gap(11, "age")], minute(at));
  await insertObservations(stack.store, [gap(12, "size")], minute(3));
  expect(await countGivenUp(stack.store, minute(35))).toEqual(new Map([["t", 14]]));
});

it("documents are kept whole, whatever is inserted twice", async () => {
  const documents = documentStore(stack.store);
  const one = {
    tenant: "t",
    seq: 1,
    kind: "site",
    id: "s",
    body: '{"name":"監控"}',
    deleted: false,
    author: "system",
    decidedAt: T0,
    previous: "",
    hash: "h1",
    encoded: new Uint8Array([0, 255, 10, 13]),
  };
  await documents.insert([one, { ...one, seq: 2, hash: "h2", previous: "h1" }]);
  await documents.insert([one]);
  const [first, ...rest] = await documents.after("t", 0);
  expect(first === undefined ? null : { ...first, encoded: [...first.encoded] }).toEqual({ ...one, encoded: [0, 255, 10, 13] });
  expect(rest.map((d) => d.seq)).toEqual([2]);
  expect(await documents.after("t", 1)).toHaveLength(1);
  expect(await documents.heads()).toEqual(new Map([["t", 2]]));
});
