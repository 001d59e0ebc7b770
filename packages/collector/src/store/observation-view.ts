/** A stored observation for people and for keeping as evidence: facts with the names of their numbers, raw bytes as base64. */
import { type FactsOf, isProbeId, type ProbeId } from "@vedette/proto";
import { withNames } from "@vedette/standard/registry";
import type { WholeObservation } from "./observation.ts";
import { toWire } from "./time.ts";

/** A type, not an interface: it goes where any record does. */
export type ObservationView = {
  readonly id: string;
  readonly probe: string;
  readonly probeVersion: number;
  readonly tier: string;
  readonly agent: string;
  readonly subject: { kind: string; [key: string]: unknown };
  readonly outcome: string;
  readonly fault: { readonly phase: string; readonly code: string; readonly message: string } | null;
  readonly facts: Record<string, unknown> | null;
  /** Id of the observation that it repeats, where it is a confirmation. */
  readonly confirms?: string;
  readonly evidence: { readonly label: string; readonly content: string; readonly truncated: boolean }[];
  readonly cost: { readonly connections: number; readonly bytesIn: number; readonly bytesOut: number; readonly durationMs: number };
  readonly intervalMs: number;
  readonly observedAt: string;
  readonly uncertaintyMs: number | null;
  readonly storedAt: string;
};

export function viewObservation({ row, storedAt }: WholeObservation): ObservationView {
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
    evidence: JSON.parse(row.evidence) as ObservationView["evidence"],
    cost: { connections: row.connections, bytesIn: row.bytes_in, bytesOut: row.bytes_out, durationMs: row.duration_ms },
    intervalMs: row.interval_ms,
    observedAt: toWire(Math.min(Date.parse(row.wall_at) + (row.offset_ms ?? 0), storedAt)),
    uncertaintyMs: row.uncertainty_ms,
    storedAt: toWire(storedAt),
  };
}

function subjectOf(row: WholeObservation["row"]): ObservationView["subject"] {
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
