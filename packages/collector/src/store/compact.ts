/** What deriving reads: observations in compact form, one per key and content, with the earliest storage of its key. */
import type { StoredObservation } from "../derive/types.ts";
import type { Store } from "./client.ts";
import type { ObservationRow } from "./observation-row.ts";
import { fromWire } from "./time.ts";

export interface TouchedSite {
  readonly tenant: string;
  readonly site: string;
  /** Latest storage time among its observations, ms. */
  readonly storedThrough: number;
}

/** The sites of every tenant that have observations stored at or after `since` (ms): input of the worker that derives, not of the API. */
export async function readTouchedSites(store: Store, since: number): Promise<TouchedSite[]> {
  const one = (table: string) =>
    `SELECT tenant, site, max(stored_at) AS stored FROM ${table} WHERE stored_at >= {since:DateTime64(3, 'UTC')} GROUP BY tenant, site`;
  const sql = `SELECT tenant, site, max(stored) AS stored FROM (${one("fact")} UNION ALL ${one("confirmed")}) GROUP BY tenant, site`;
  const rows = await store.query<{ tenant: string; site: string; stored: string }>(sql, { since: new Date(since) });
  return rows.map(({ tenant, site, stored }) => ({ tenant, site, storedThrough: fromWire(stored) }));
}

interface Row {
  readonly agent: string;
  readonly epoch: string;
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

const KEY = "agent, epoch, seq, content_hash";
/** Equal in every row of one key and content, as the content is hashed. */
const SAME =
  "probe, probe_version, tier, subject_kind, server_address, network_transport, server_port, bssid, ssid, link_address, interface, outcome, facts_hash, interval_ms";
const OWN = {
  fact: "any(fault_phase) AS fault_phase, any(fault_code) AS fault_code, any(facts) AS facts, '' AS confirm_epoch, toUInt32(0) AS confirm_seq",
  confirmed: "'' AS fault_phase, '' AS fault_code, '' AS facts, any(confirm_epoch) AS confirm_epoch, any(confirm_seq) AS confirm_seq",
};
const SITE = "tenant = {tenant:String} AND site = {site:String}";

/**
 * The clock's offset belongs to the batch and may differ when a batch is sent again: the row stored first counts, so that
 * a late double changes nothing.
 */
function selectOne(table: "fact" | "confirmed", partial: boolean): string {
  const same = SAME.split(", ").map((column) => `any(${column}) AS ${column}`);
  const touched = `SELECT agent, epoch, seq FROM ${table} WHERE ${SITE} AND stored_at >= {since:DateTime64(3, 'UTC')}`;
  return `SELECT ${KEY}, ${same.join(", ")}, ${OWN[table]},
    argMin(wall_at, stored_at) AS wall, argMin(tuple(offset_ms), stored_at).1 AS offset, argMin(tuple(uncertainty_ms), stored_at).1 AS uncertainty,
    min(stored_at) AS stored
    FROM ${table} WHERE ${SITE}${partial ? ` AND (agent, epoch, seq) IN (${touched})` : ""} GROUP BY ${KEY}`;
}

/** Creation of each epoch of the site, corrected, by "agent/epoch": the claim stored first counts. */
async function readEpochs(store: Store, tenant: string, site: string): Promise<Map<string, number>> {
  const sql = `SELECT agent, epoch, argMin(created_at, stored_at) AS created FROM epoch WHERE ${SITE} GROUP BY agent, epoch`;
  const rows = await store.query<{ agent: string; epoch: string; created: string }>(sql, { tenant, site });
  return new Map(rows.map((row) => [`${row.agent}/${row.epoch}`, fromWire(row.created)]));
}

/**
 * Every observation of a site, or with `since` (ms) those of which any row was stored at or after it. Streamed; in no order that means anything.
 * Two contents under one key are both given.
 */
export async function* readCompact(store: Store, tenant: string, site: string, since?: number): AsyncGenerator<StoredObservation> {
  const epochs = await readEpochs(store, tenant, site);
  const partial = since !== undefined;
  const sql = `SELECT * FROM (${selectOne("fact", partial)}) UNION ALL SELECT * FROM (${selectOne("confirmed", partial)})`;
  const parameters = { tenant, site, ...(partial ? { since: new Date(since) } : {}) };
  for await (const row of store.stream<Row>(sql, parameters)) yield toStored(row, epochs.get(`${row.agent}/${row.epoch}`) ?? 0);
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
    wallAt: fromWire(row.wall) + (row.offset ?? 0),
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
