/** Whether one decoded observation may be stored, and its facts in plain form. */
import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { decodePosture, decodeVolatile, isFactsId, type Observation, Outcome, type Subject, Tier } from "@vedette/proto";
import ipaddr from "ipaddr.js";
import { MAX_MS, MIN_MS } from "../store/time.ts";

export interface DecodedFacts {
  /** Posture and volatile facts as one plain object, as JSON. */
  readonly json: string;
  /** SHA-256 over the posture bytes, hex: what confirmations name. */
  readonly hash: string;
}

export type Checked = { readonly ok: true; readonly facts: DecodedFacts | null } | { readonly ok: false; readonly reason: string };

const MAX_EVIDENCE_BYTES = 16 * 1024;
const MAX_EVIDENCE = 64;
const MAX_LABEL = 256;
const MAX_FACTS_JSON = 2 * 1024 * 1024;
const MAX_NAME = 64;
const MAX_SSID = 128;
const MAX_MESSAGE = 1024;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const EPOCH = /^[0-9a-f]{32}$/;
/** fe80::1%eth0 is 64 at most with the longest interface names. */
const MAX_ADDRESS = 64;

class Refusal extends Error {
  override readonly name = "Refusal";
}

function must(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason);
}

/** Only the canonical text (RFC 5952; IPv4-mapped as IPv4): two texts of one address would be two endpoints. */
function isAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS) return false;
  if (isIP(text) === 4) return true;
  if (isIP(text) !== 6) return false;
  const address = ipaddr.IPv6.parse(text);
  return !address.isIPv4MappedAddress() && address.toRFC5952String() === text;
}

function checkSubject(subject: Subject | undefined): void {
  const kind = subject?.kind;
  must(kind?.case !== undefined, "subject is missing");
  switch (kind.case) {
    case "endpoint":
      must(isAddress(kind.value.address), "subject.address is not a canonical IP address");
      must(kind.value.transport === "tcp" || kind.value.transport === "udp", "subject.transport must be tcp or udp");
      must(kind.value.port >= 1 && kind.value.port <= 65_535, "subject.port is out of range");
      return;
    case "host":
      must(isAddress(kind.value.address), "subject.address is not a canonical IP address");
      return;
    case "bss":
      must(MAC.test(kind.value.bssid), "subject.bssid is not a link address");
      must(kind.value.ssid.length <= MAX_SSID, "subject.ssid is too long");
      return;
    case "site":
      return;
  }
}

function checkHead(o: Observation): void {
  must(isFactsId(o.probe), "probe is not known");
  must(o.probeVersion >= 1 && o.probeVersion <= 65_535, "probe_version is out of range");
  must(o.tier !== Tier.UNSPECIFIED && Tier[o.tier] !== undefined, "tier is not known");
  must(o.outcome !== Outcome.UNSPECIFIED && Outcome[o.outcome] !== undefined, "outcome is not known");
  must(o.linkAddress === undefined || MAC.test(o.linkAddress), "link_address is not a link address");
  must(o.interface.length <= MAX_NAME, "interface is too long");
  must(o.wallMs >= MIN_MS && o.wallMs <= MAX_MS, "wall_ms is out of range");
  must(o.monotonicMs >= 0 && o.monotonicMs <= MAX_MS, "monotonic_ms is out of range");
  if (o.fault !== undefined) {
    must(o.fault.phase.length <= MAX_NAME && o.fault.code.length <= MAX_NAME, "fault is not known");
    must(o.fault.message.length <= MAX_MESSAGE, "fault.message is too long");
  }
  must(
    o.evidence.length <= MAX_EVIDENCE && o.evidence.every((e) => e.label.length <= MAX_LABEL),
    "evidence has too many or too long labels",
  );
  const evidenceBytes = o.evidence.reduce((sum, e) => sum + e.content.length, 0);
  must(evidenceBytes <= MAX_EVIDENCE_BYTES, "evidence is larger than 16 KiB");
}

function checkConfirm(o: Observation, batchEpoch: string): void {
  if (o.body.case !== "confirm") return;
  const { hash, epoch, seq } = o.body.value;
  must(hash.length === 32, "confirm.hash is not a SHA-256");
  must(EPOCH.test(epoch), "confirm.epoch must be 32 lower-case hex digits");
  must(seq >= 1, "confirm.seq is out of range");
  must(epoch !== batchEpoch || seq < o.seq, "confirm names an observation that is not before it");
}

function decodeFacts(o: Observation): DecodedFacts | null {
  if (o.body.case !== "facts" || !isFactsId(o.probe)) return null;
  const { posture, volatile } = o.body.value;
  let json: string;
  try {
    json = JSON.stringify({ ...decodePosture(o.probe, posture), ...decodeVolatile(o.probe, volatile) });
  } catch {
    // Whatever the codec has against the bytes, they are not this probe's facts.
    throw new Refusal(`facts are not those of ${o.probe}`);
  }
  must(json.length <= MAX_FACTS_JSON, "facts are too large");
  return { json, hash: createHash("sha256").update(posture).digest("hex") };
}

export function checkObservation(o: Observation, batch: { readonly epoch: string }): Checked {
  try {
    checkHead(o);
    checkSubject(o.subject);
    checkConfirm(o, batch.epoch);
    return { ok: true, facts: decodeFacts(o) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}
