/** What deriving reads: observations in compact form, one per key and content, with the earliest storage of its key. */
import type { StoredObservation } from "../derive/types.ts";
import { STORED_AT_TIMES, timeParameters } from "./arrival.ts";
import type { Parameters, Store } from "./client.ts";
import { epochName } from "./observation.ts";
import type { EpochKey, ObservationRow } from "./observation-row.ts";
import { fromWire, MIN_MS } from "./time.ts";

interface Row extends EpochKey {
  readonly seq: number;
  readonly content_hash: string;
  readonly probe: string;
  readonly probe_version: number;
  readonly tier: string;
  readonly subject_kind: string;
  readonly server_address: string;
  readonly network_transport: string;
  readonly server_port: number;
  readonly bssid: string;
  readonly ssid: string;
  readonly link_address: string;
  readonly interface: string;
  readonly wall: string;
  readonly offset: number | null;
  readonly uncertainty: number | null;
  readonly stored: string;
  readonly outcome: string;
  readonly fault_phase: string;
  readonly fault_code: string;
  readonly facts_hash: string;
  readonly facts: string;
  readonly confirm_epoch: string;
  readonly confirm_seq: number;
  readonly interval_ms: number;
}

const KEY = "tenant, site, agent, epoch, seq, content_hash";
/** Equal in every row of one key and content, as the content is hashed. */
const SAME =
  "probe, probe_version, tier, subject_kind, server_address, network_transport, server_port, bssid, ssid, link_address, interface, outcome, facts_hash, interval_ms";
const OWN = {
  fact: "any(fault_phase) AS fault_phase, any(fault_code) AS fault_code, any(facts) AS facts, '' AS confirm_epoch, toUInt32(0) AS confirm_seq",
  confirmed: "'' AS fault_phase, '' AS fault_code, '' AS facts, any(confirm_epoch) AS confirm_epoch, any(confirm_seq) AS confirm_seq",
};
const SITE = "tenant = {tenant:String} AND site = {site:String}";
const SITES = "(tenant, site) IN arrayZip({tenants:Array(String)}, {sites:Array(String)})";

/**
 * The clock's offset belongs to the batch and may differ when a batch is sent again: the row stored first counts, so that
 * a late double changes nothing.
 * @param touched where only keys of which any row meets this condition are wanted, but those with all their rows
 */
function selectOne(table: "fact" | "confirmed", of: string, touched: string | null): string {
  const same = SAME.split(", ").map((column) => `any(${column}) AS ${column}`);
  const key = "tenant, site, agent, epoch, seq";
  const partial = touched === null ? "" : ` AND (${key}) IN (SELECT ${key} FROM ${table} WHERE ${of} AND ${touched})`;
  return `SELECT ${KEY}, ${same.join(", ")}, ${OWN[table]},
    argMin(wall_at, stored_at) AS wall, argMin(tuple(offset_ms), stored_at).1 AS offset, argMin(tuple(uncertainty_ms), stored_at).1 AS uncertainty,
    min(stored_at) AS stored
    FROM ${table} WHERE ${of}${partial} GROUP BY ${KEY}`;
}

/** Creation of each epoch, corrected, by epochName: the claim stored first counts. */
async function readEpochs(store: Store, of: string, parameters: Parameters): Promise<Map<string, number>> {
  const name = "tenant, site, agent, epoch";
  const sql = `SELECT ${name}, argMin(created_at, stored_at) AS created FROM epoch WHERE ${of} GROUP BY ${name}`;
  const rows = await store.query<EpochKey & { created: string }>(sql, parameters);
  return new Map(rows.map((row) => [epochName(row), fromWire(row.created)]));
}

async function* read(store: Store, of: string, touched: string | null, parameters: Parameters): AsyncGenerator<SiteObservation> {
  const epochs = await readEpochs(store, of, parameters);
  const sql = `SELECT * FROM (${selectOne("fact", of, touched)}) UNION ALL SELECT * FROM (${selectOne("confirmed", of, touched)})`;
  for await (const row of store.stream<Row>(sql, parameters)) {
    yield { tenant: row.tenant, site: row.site, observation: toStored(row, epochs.get(epochName(row)) ?? 0) };
  }
}

/**
 * Every observation of a site, or with `since` (ms) those of which any row was stored at or after it. Streamed; in no order that means anything.
 * Two contents under one key are both given.
 */
export async function* readCompact(store: Store, tenant: string, site: string, since?: number): AsyncGenerator<StoredObservation> {
  const touched = since === undefined ? null : "stored_at >= {since:DateTime64(3, 'UTC')}";
  const parameters = { tenant, site, ...(since === undefined ? {} : { since: new Date(since) }) };
  for await (const { observation } of read(store, SITE, touched, parameters)) yield observation;
}

export interface SiteObservation {
  readonly tenant: string;
  readonly site: string;
  readonly observation: StoredObservation;
}

/** As readCompact, of several sites at once: the observations of which any row was stored at one of these times, ms. */
export async function* readCompactAt(
  store: Store,
  sites: readonly { readonly tenant: string; readonly site: string }[],
  times: readonly number[],
): AsyncGenerator<SiteObservation> {
  if (sites.length === 0 || times.length === 0) return;
  const parameters = { tenants: sites.map((s) => s.tenant), sites: sites.map((s) => s.site), ...timeParameters(times) };
  yield* read(store, SITES, STORED_AT_TIMES, parameters);
}

function subjectOf(row: Row): StoredObservation["subject"] {
  switch (row.subject_kind) {
    case "endpoint": {
      const transport = row.network_transport === "udp" ? "udp" : "tcp";
      return { kind: "endpoint", address: row.server_address, transport, port: row.server_port };
    }
    case "host":
      return { kind: "host", address: row.server_address };
    case "bss":
      return { kind: "bss", bssid: row.bssid, ssid: row.ssid };
    default:
      return { kind: "site" };
  }
}

function toStored(row: Row, epochCreatedAt: number): StoredObservation {
  return {
    agent: row.agent,
    epoch: row.epoch,
    epochCreatedAt,
    seq: row.seq,
    contentHash: row.content_hash,
    probe: row.probe,
    probeVersion: row.probe_version,
    tier: row.tier,
    subject: subjectOf(row),
    linkAddress: row.link_address === "" ? null : row.link_address,
    interface: row.interface,
    // An agent may say of its clock what it likes; what is derived from it must fit columns of times.
    wallAt: Math.max(MIN_MS, fromWire(row.wall) + (row.offset ?? 0)),
    uncertaintyMs: row.uncertainty,
    storedAt: fromWire(row.stored),
    outcome: row.outcome as StoredObservation["outcome"],
    fault: row.fault_code === "" ? null : { phase: row.fault_phase, code: row.fault_code },
    facts: row.facts === "" ? null : (JSON.parse(row.facts) as Record<string, unknown>),
    factsHash: row.facts_hash === "" ? null : row.facts_hash,
    confirm: row.confirm_epoch === "" ? null : { epoch: row.confirm_epoch, seq: row.confirm_seq, hash: row.facts_hash },
    intervalMs: row.interval_ms,
  };
}

/** A row as deriving reads it, for whoever has it without a store. @param epochCreatedAt ms */
export function compactOf(row: ObservationRow, epochCreatedAt: number): StoredObservation {
  const { wall_at: wall, offset_ms: offset, uncertainty_ms: uncertainty, stored_at: stored } = row;
  return toStored({ ...row, wall, offset, uncertainty, stored }, epochCreatedAt);
}
