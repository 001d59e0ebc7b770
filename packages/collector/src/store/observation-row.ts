/** The shape of one row of the table `observation` (migration 0001 has the columns). */
import type { AgentAddress } from "@vedette/proto";

export interface ObservationRow {
  readonly tenant: string;
  readonly site: string;
  readonly agent: string;
  readonly epoch: string;
  /** As the agent claims, ISO 8601. */
  readonly epoch_created_at: string;
  readonly seq: number;
  /** SHA-256 over the encoded observation, hex. */
  readonly content_hash: string;
  readonly probe: string;
  readonly probe_version: number;
  readonly tier: string;
  readonly subject_kind: "endpoint" | "host" | "bss" | "site";
  readonly server_address: string;
  readonly network_transport: string;
  readonly server_port: number;
  readonly bssid: string;
  readonly ssid: string;
  /** Empty: not seen. */
  readonly link_address: string;
  readonly interface: string;
  readonly wall_at: string;
  readonly offset_ms: number | null;
  readonly uncertainty_ms: number | null;
  readonly monotonic_ms: number;
  readonly boot_id: string;
  readonly outcome: string;
  readonly fault_phase: string;
  readonly fault_code: string;
  readonly fault_message: string;
  /** SHA-256 over the posture bytes, hex; of a confirmation the one it names; empty without facts. */
  readonly facts_hash: string;
  /** Encoded facts, base64. */
  readonly posture: string;
  readonly volatile: string;
  /** Both as one plain JSON object; empty without facts. */
  readonly facts: string;
  readonly confirm_epoch: string;
  readonly confirm_seq: number;
  readonly interval_ms: number;
  /** JSON: [{label, content (base64), truncated}]. */
  readonly evidence: string;
  readonly connections: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly duration_ms: number;
  readonly agent_version: string;
  readonly stored_at: string;
}

/** Before the moment of its insert. */
export type PendingRow = Omit<ObservationRow, "stored_at">;

export interface EpochKey extends AgentAddress {
  readonly epoch: string;
}

/** Identity of one observation. */
export interface ObservationKey extends EpochKey {
  readonly seq: number;
}

/** "agent/epoch/seq": how an observation is named inside its site. */
export function observationId(key: { readonly agent: string; readonly epoch: string; readonly seq: number }): string {
  return `${key.agent}/${key.epoch}/${key.seq}`;
}

/** Null where the text is no such id. */
export function parseObservationId(id: string): { agent: string; epoch: string; seq: number } | null {
  const match = /^([A-Za-z0-9_-]{1,64})\/([0-9a-f]{32})\/(\d{1,10})$/.exec(id);
  if (match === null) return null;
  const [, agent = "", epoch = "", seq = ""] = match;
  return { agent, epoch, seq: Number(seq) };
}
