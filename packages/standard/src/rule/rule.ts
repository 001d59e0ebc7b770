/** What a rule is: parts, each decided by probes, folded into one result. Pure; time comes in as `input.at`. */
import type { ProbeId } from "@vedette/proto";
import type { ReasonCode } from "../reason/verdict.ts";
import type { AssessInput, Basis, EvidenceRef, Look, Parameters, Status } from "../types.ts";
import type { View } from "./view.ts";

/** What a judgement rests on. */
interface Seen {
  readonly parameters?: Parameters;
  /** "443/tcp", or a BSSID. */
  readonly endpoint?: string;
  readonly evidence?: readonly EvidenceRef[];
  readonly observedAt?: number;
}

/** One judgement about one thing looked at (an endpoint, a BSS, a set of ports). `absent`: there is no such thing on the device. */
export type Finding = Seen &
  ({ readonly status: "pass" | "absent" } | { readonly status: "fail" | "error" | "unknown" | "notchecked"; readonly code: ReasonCode });

/** A part that no probe can decide yet names none: it stays `notchecked` and blocks a pass. */
export interface Part {
  readonly name: string;
  readonly probes: readonly ProbeId[];
  judge(view: View, input: AssessInput): readonly Finding[];
}

export interface RuleResult {
  readonly status: Status;
  readonly basis: Basis;
  readonly code: ReasonCode;
  readonly parameters: Parameters;
  readonly evidence: readonly EvidenceRef[];
  readonly observedAt: number | null;
  /** True where what was looked at is clean and only an attestation is missing (kind N). */
  readonly clean?: boolean;
}

export interface Rule {
  readonly clause: string;
  /** Bump when the meaning changes. */
  readonly version: number;
  readonly parts: readonly Part[];
  /** Code where every part passes. */
  readonly passCode: ReasonCode;
  /** Code where nothing of the kind was found on the device; unknown, for silence is never a pass. */
  readonly absentCode: ReasonCode;
  /** Not null: the clause does not apply, or cannot be looked at for the device as a whole. */
  before?(view: View, input: AssessInput): RuleResult | null;
  /** Finds the code under which a clean N clause waits for its attestation. */
  readonly cleanCodes?: ReadonlySet<ReasonCode>;
}

/** Builds an evidence reference that quotes the decisive facts of a look. */
export function quote(look: Look, facts: Readonly<Record<string, unknown>>): EvidenceRef {
  const at = look.endpoint.transport === "bss" ? (look.endpoint.bssid ?? "") : endpointOf(look);
  return { kind: "observation", id: look.id, facts: { probe: look.probe, endpoint: at, ...facts } };
}

export function endpointOf(look: Look): string {
  const { transport, port, bssid } = look.endpoint;
  if (transport === "bss") return bssid ?? "bss";
  return transport === "host" ? "host" : `${port}/${transport}`;
}
