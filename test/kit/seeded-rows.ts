/** Rows of one site in ClickHouse, as deriving writes them: a device with two recordings of its verdicts, an event, an observation. */
import { bucketOf } from "@vedette/collector/src/bucket/number.ts";
import { insertObservations, type PendingRow, type Store } from "@vedette/collector/src/store/index.ts";
import { CLAUSES } from "@vedette/standard";

export const BUCKETS = 64;
export const EPOCH = "0123456789abcdef0123456789abcdef";
/** First recording, and when the first clause's verdict was revised. */
export const FIRST_AT = Date.UTC(2026, 2, 3, 8);
export const REVISED_AT = FIRST_AT + 3_600_000;

export interface Place {
  readonly tenant: string;
  readonly site: string;
}

export function deviceOf({ tenant, site }: Place): string {
  return `device-${tenant}-${site}`;
}

/** Stands in every answer that tells anything of the site, and in no other. */
export function markOf({ tenant, site }: Place): string {
  return `mark-of-${tenant}-${site}`;
}

const iso = (ms: number) => new Date(ms).toISOString();

const stampOf = (at: Place, seq: number, recordedAt: number) => ({
  bucket: bucketOf(at.tenant, at.site, BUCKETS),
  era: 1,
  seq,
  recorded_at: iso(recordedAt),
});

/** The rows of a changeset that is being applied: its own is not there yet. */
export async function insertRows(
  store: Store,
  at: Place,
  seq: number,
  recordedAt: number,
  tables: Record<string, object[]>,
): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    await store.insert(
      table,
      rows.map((row) => ({ ...row, tenant: at.tenant, site: at.site, ...stampOf(at, seq, recordedAt) })),
    );
  }
}

export async function insertChangeset(
  store: Store,
  at: Place,
  seq: number,
  recordedAt: number,
  tables: Record<string, object[]>,
): Promise<void> {
  await insertRows(store, at, seq, recordedAt, tables);
  const stamp = stampOf(at, seq, recordedAt);
  await store.insert("changeset", [{ ...stamp, derived_through: stamp.recorded_at, code: "test", hash: `${seq}`, row_count: 1 }]);
}

function belief(device: string, clause: string, from: number, status: string) {
  return {
    device,
    clause,
    from: iso(from),
    status,
    basis: "observed",
    code: "test",
    parameters: "{}",
    evidence: "[]",
    observed_at: iso(from),
    rule_version: 1,
    cause: "observation",
    initial: false,
  };
}

export function eventRow(at: Place, id: string, when: number) {
  const device = deviceOf(at);
  const data = { device, reason: { en: markOf(at), "zh-TW": "" }, severity: "info", evidence: [] };
  const body = { specversion: "1.0", id, source: "test", type: "drift", time: iso(when), data };
  return { id, device, kind: "drift", clause: "", at: iso(when), key: id, revises: [], body: JSON.stringify(body) };
}

export async function insertSite(store: Store, at: Place): Promise<void> {
  const device = deviceOf(at);
  const mark = markOf(at);
  const counts = { pass: 54, fail: 0, unknown: 0, notchecked: 0, notapplicable: 0, error: 0 };
  const level = { proven: 3, possible: 3, observable: { level: 3, checked: 54, of: 54 }, blocking: [], aspects: {} };
  const body = {
    vendor: { value: mark, source: "test", confidence: 1, observation: "", alternatives: [] },
    model: null,
    firmware: null,
    serial: null,
    identifiers: [],
    joins: [],
    endpoints: [
      { address: "127.18.0.4", transport: "tcp", port: 443, protocol: "https", firstSeenAt: FIRST_AT },
      { address: "127.18.0.4", transport: "tcp", port: 554, protocol: "rtsp", firstSeenAt: FIRST_AT },
    ],
    bss: [],
    coverage: { tcp: [{ first: 1, last: 1_024 }], completeSweepAt: null },
    aliases: [],
  };
  const summary = {
    device,
    name: mark,
    class: "camera",
    membership: "in",
    vendor: mark,
    model: "",
    firmware: "",
    addresses: ["127.18.0.4"],
    failing: [],
    proven: 3,
    possible: 3,
    status: "pass",
    first_seen_at: iso(FIRST_AT),
    last_seen_at: iso(FIRST_AT),
    vanished_at: null,
    body: JSON.stringify({ location: "", owner: "", tags: [], membershipReason: "by rule", level, counts, sources: ["http.root"] }),
    gone: false,
  };
  const first = CLAUSES[0]?.id ?? "";
  await insertChangeset(store, at, 1, FIRST_AT, {
    device: [{ device, founding: `f-${device}`, alias_of: "", gone: false, body: JSON.stringify(body) }],
    belief: CLAUSES.map(({ id }) => belief(device, id, FIRST_AT - 60_000, "pass")),
    event: [eventRow(at, `event-1-${device}`, FIRST_AT)],
    summary: [summary],
  });
  await insertChangeset(store, at, 2, REVISED_AT, {
    belief: [belief(device, first, FIRST_AT - 30_000, "fail")],
    event: [eventRow(at, `event-2-${device}`, REVISED_AT)],
  });
  await insertObservations(
    store,
    [1, 2, 3].map((seq) => observation(at, seq)),
    FIRST_AT,
  );
}

function observation(at: Place, seq: number): PendingRow {
  return {
    ...at,
    agent: "agent-1",
    epoch: EPOCH,
    epoch_created_at: iso(FIRST_AT),
    seq,
    content_hash: `hash-${seq}`,
    probe: "http.root",
    probe_version: 1,
    tier: "polite",
    subject_kind: "endpoint",
    server_address: "127.18.0.4",
    network_transport: "tcp",
    server_port: 443,
    bssid: "",
    ssid: "",
    link_address: "",
    interface: "lo",
    wall_at: iso(FIRST_AT),
    offset_ms: 0,
    uncertainty_ms: 0,
    monotonic_ms: 0,
    boot_id: "b",
    outcome: "identified",
    fault_phase: "",
    fault_code: "",
    fault_message: "",
    facts_hash: "f",
    posture: "",
    volatile: "",
    facts: JSON.stringify({ title: markOf(at) }),
    confirm_epoch: "",
    confirm_seq: 0,
    interval_ms: 60_000,
    evidence: "[]",
    connections: 1,
    bytes_in: 1,
    bytes_out: 1,
    duration_ms: 1,
    agent_version: "1",
  };
}
