/** A stored observation as the API gives it: facts with the names of their numbers, evidence as base64. */
import { type FactsOf, isProbeId, type ProbeId } from "@vedette/proto";
import { withNames } from "@vedette/standard/registry";
import type { WholeObservation } from "../store/index.ts";
import { iso } from "./known-at.ts";
import type { Observation } from "./shape.ts";

export function observationShape({ row, storedAt }: WholeObservation): Observation {
  const facts = row.facts === "" ? null : (JSON.parse(row.facts) as FactsOf<ProbeId>);
  return {
    id: `${row.agent}/${row.epoch}/${row.seq}`,
    probe: row.probe,
    probeVersion: row.probe_version,
    tier: row.tier,
    agent: row.agent,
    subject: subjectOf(row),
    outcome: row.outcome,
    fault: row.fault_code === "" ? null : { phase: row.fault_phase, code: row.fault_code, message: row.fault_message },
    facts: facts === null ? null : { ...(isProbeId(row.probe) ? withNames(row.probe, facts) : facts) },
    ...(row.confirm_epoch === "" ? {} : { confirms: `${row.agent}/${row.confirm_epoch}/${row.confirm_seq}` }),
    evidence: JSON.parse(row.evidence) as Observation["evidence"],
    cost: { connections: row.connections, bytesIn: row.bytes_in, bytesOut: row.bytes_out, durationMs: row.duration_ms },
    intervalMs: row.interval_ms,
    observedAt: iso(Math.min(Date.parse(row.wall_at) + (row.offset_ms ?? 0), storedAt)),
    uncertaintyMs: row.uncertainty_ms,
    storedAt: iso(storedAt),
  };
}

function subjectOf(row: WholeObservation["row"]): Observation["subject"] {
  switch (row.subject_kind) {
    case "endpoint":
      return { kind: "endpoint", address: row.server_address, transport: row.network_transport, port: row.server_port };
    case "host":
      return { kind: "host", address: row.server_address };
    case "bss":
      return { kind: "bss", bssid: row.bssid, ssid: row.ssid };
    default:
      return { kind: row.subject_kind };
  }
}
