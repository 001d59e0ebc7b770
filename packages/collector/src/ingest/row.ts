/** A decoded batch → rows of the table `observation`, but for the time of storage. */
import { type AgentAddress, type Observation, Outcome, Tier } from "@vedette/proto";
import type { PendingRow } from "../store/observation-row.ts";
import { toWire } from "../store/time.ts";
import { correctionOf } from "./clock.ts";
import type { Accepted, Batch } from "./decode.ts";

type SubjectColumns = Pick<PendingRow, "subject_kind" | "server_address" | "network_transport" | "server_port" | "bssid" | "ssid">;
const NO_SUBJECT = { server_address: "", network_transport: "", server_port: 0, bssid: "", ssid: "" };

const TIER_NAME: Readonly<Record<Tier, string>> = {
  [Tier.UNSPECIFIED]: "",
  [Tier.PASSIVE]: "passive",
  [Tier.POLITE]: "polite",
  [Tier.CREDENTIALED]: "credentialed",
  [Tier.INTRUSIVE]: "intrusive",
};

const OUTCOME_NAME: Readonly<Record<Outcome, string>> = {
  [Outcome.UNSPECIFIED]: "",
  [Outcome.IDENTIFIED]: "identified",
  [Outcome.NOT_IDENTIFIED]: "not-identified",
  [Outcome.UNREACHABLE]: "unreachable",
  [Outcome.UNDETERMINED]: "undetermined",
};

function subjectColumns(o: Observation): SubjectColumns {
  const kind = o.subject?.kind;
  switch (kind?.case) {
    case "endpoint":
      return {
        ...NO_SUBJECT,
        subject_kind: "endpoint",
        server_address: kind.value.address,
        network_transport: kind.value.transport,
        server_port: kind.value.port,
      };
    case "host":
      return { ...NO_SUBJECT, subject_kind: "host", server_address: kind.value.address };
    case "bss":
      return { ...NO_SUBJECT, subject_kind: "bss", bssid: kind.value.bssid, ssid: kind.value.ssid };
    default:
      return { ...NO_SUBJECT, subject_kind: "site" };
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function bodyColumns(a: Accepted): Pick<PendingRow, "facts_hash" | "posture" | "volatile" | "facts" | "confirm_epoch" | "confirm_seq"> {
  const { body } = a.observation;
  const none = { facts_hash: "", posture: "", volatile: "", facts: "", confirm_epoch: "", confirm_seq: 0 };
  switch (body.case) {
    case "facts":
      return {
        ...none,
        facts_hash: a.facts?.hash ?? "",
        posture: base64(body.value.posture),
        volatile: base64(body.value.volatile),
        facts: a.facts?.json ?? "",
      };
    case "confirm":
      return {
        ...none,
        facts_hash: Buffer.from(body.value.hash).toString("hex"),
        confirm_epoch: body.value.epoch,
        confirm_seq: body.value.seq,
      };
    default:
      return none;
  }
}

/** The interval that a confirmation states for itself wins over the look's. */
function intervalMs(o: Observation): number {
  const own = o.body.case === "confirm" ? o.body.value.intervalMs : 0;
  return own > 0 ? own : o.intervalMs;
}

export function toRow(address: AgentAddress, batch: Batch, a: Accepted): PendingRow {
  const o = a.observation;
  const { offsetMs, uncertaintyMs } = correctionOf(batch.clock, o);
  return {
    tenant: address.tenant,
    site: address.site,
    agent: address.agent,
    epoch: batch.epoch,
    epoch_created_at: toWire(batch.epochCreatedMs),
    seq: o.seq,
    content_hash: a.contentHash,
    probe: o.probe,
    probe_version: o.probeVersion,
    tier: TIER_NAME[o.tier],
    ...subjectColumns(o),
    link_address: o.linkAddress ?? "",
    interface: o.interface,
    wall_at: toWire(o.wallMs),
    offset_ms: offsetMs,
    uncertainty_ms: uncertaintyMs,
    monotonic_ms: o.monotonicMs,
    boot_id: batch.clock.bootId,
    outcome: OUTCOME_NAME[o.outcome],
    fault_phase: o.fault?.phase ?? "",
    fault_code: o.fault?.code ?? "",
    fault_message: o.fault?.message ?? "",
    ...bodyColumns(a),
    interval_ms: intervalMs(o),
    evidence: JSON.stringify(o.evidence.map((e) => ({ label: e.label, content: base64(e.content), truncated: e.truncated }))),
    connections: o.cost?.connections ?? 0,
    bytes_in: o.cost?.bytesIn ?? 0,
    bytes_out: o.cost?.bytesOut ?? 0,
    duration_ms: o.cost?.durationMs ?? 0,
    agent_version: batch.agentVersion,
  };
}
