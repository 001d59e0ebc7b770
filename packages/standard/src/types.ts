/** The words of the standard part: what goes into an assessment and what comes out. Pure data. */
import type { FactsOf, ProbeId } from "@vedette/proto";

export type Aspect = "physical" | "system" | "communication" | "authentication" | "privacy";
export const ASPECTS: readonly Aspect[] = ["physical", "system", "communication", "authentication", "privacy"];

export type Kind = "A" | "N" | "P" | "F";
export type Tier = "passive" | "polite" | "credentialed" | "intrusive";
export type Status = "pass" | "fail" | "unknown" | "notchecked" | "notapplicable" | "error";
export type Basis = "observed" | "correlated" | "attested" | "combined" | "none";
export type DeviceClass =
  | "camera"
  | "recorder"
  | "nas"
  | "encoder"
  | "switch"
  | "access-point"
  | "router"
  | "vms"
  | "workstation"
  | "printer"
  | "phone"
  | "other";

/** A text in both languages. */
export interface Text {
  readonly en: string;
  readonly "zh-TW": string;
}

export interface Clause {
  readonly id: string;
  readonly aspect: Aspect;
  /** "5.3.3" */
  readonly item: string;
  readonly itemTitle: Text;
  readonly levels: readonly (1 | 2 | 3)[];
  readonly kind: Kind;
  /** The tier of probe that decides it; null where only a person can. */
  readonly tier: Tier | null;
  readonly title: Text;
  readonly summary: Text;
  /** How it is decided on a live network. */
  readonly decidedBy: Text;
  readonly remediation: Text;
  /** Cross references of Annex D. */
  readonly references: readonly { readonly scheme: "OWASP IoT" | "ANSI/UL 2900-1" | "ONVIF"; readonly item: string }[];
  /** Class of device for which it can be not applicable, and why; see rule/. */
  readonly withdrawn?: boolean;
}

/** Key of an observation, "agent/epoch/seq". */
export type ObservationId = string;

/** The latest facts of one probe at one endpoint from one vantage, as known at `at`. */
export interface Look<P extends ProbeId = ProbeId> {
  readonly id: ObservationId;
  readonly probe: P;
  readonly probeVersion: number;
  readonly vantage: string;
  readonly endpoint: {
    readonly address: string;
    readonly transport: "tcp" | "udp" | "host" | "bss";
    readonly port: number;
    readonly bssid?: string;
  };
  readonly outcome: "identified" | "not-identified" | "unreachable";
  readonly fault?: { readonly phase: string; readonly code: string };
  /** When it was so, corrected clock, ms since 1970. */
  readonly observedAt: number;
  /** Last time the same facts were seen, ms. */
  readonly confirmedAt: number;
  /** Reporting interval stated by the last of them, ms: fresh until confirmedAt + 3 x intervalMs. */
  readonly intervalMs: number;
  /** Only with outcome identified. */
  readonly facts?: FactsOf<P>;
}

/** Things that do not expire while the device lasts. */
export interface History {
  /** Certificates seen on the device: leaf fingerprint, issuer, first seen, endpoint. */
  readonly certificates: readonly {
    readonly sha256: string;
    readonly issuer: string;
    readonly endpoint: string;
    readonly firstSeenAt: number;
    readonly id: ObservationId;
  }[];
  readonly firmwares: readonly { readonly version: string; readonly firstSeenAt: number; readonly id: ObservationId }[];
}

/** Keys shared with other devices of the fleet. */
export interface Fleet {
  readonly sharedKeys: readonly { readonly spkiSha256: string; readonly devices: readonly string[] }[];
}

/** What was looked at on the device as a whole, derived from tcp.connect looks. */
export interface Coverage {
  readonly tcp: readonly { readonly first: number; readonly last: number; readonly at: number }[];
  readonly completeSweepAt: number | null;
}

/** Services that the maker or the site declares for a model or a device. */
export interface DeclaredProfile {
  readonly id: string;
  /** "tcp/443" */
  readonly services: readonly string[];
  readonly wired?: boolean;
  readonly onvif?: boolean;
}

export interface Attestation {
  readonly id: string;
  readonly clauses: readonly string[];
  readonly result: "pass" | "fail" | "notapplicable";
  readonly author: string;
  readonly documentHash: string;
  readonly standard?: string;
  readonly validFrom: number;
  readonly expires: number;
}

export interface AcceptedRisk {
  readonly id: string;
  readonly clause: string;
  readonly author: string;
  readonly reason: string;
  readonly expires: number;
}

/** Exactly what `vedette assess FILE.json` takes, times as RFC 3339 there and ms here. */
export interface AssessInput {
  readonly at: number;
  readonly device: { readonly class: DeviceClass; readonly radioSeen: boolean };
  readonly endpoints: readonly Look[];
  readonly history: History;
  readonly fleet: Fleet;
  readonly coverage: Coverage;
  readonly profile: DeclaredProfile | null;
  /** Those of the device, narrowest target first: of several that hold for a clause, the first counts. */
  readonly attestations: readonly Attestation[];
  readonly acceptedRisks: readonly AcceptedRisk[];
  readonly feed: { readonly activeAt: number | null; readonly version: string | null };
  /** Rule set version, "ts-0014-1@2/1". */
  readonly rules: string;
}

export interface EvidenceRef {
  readonly kind: "observation" | "attestation" | "feed" | "device";
  readonly id: string;
  /** The decisive facts quoted, small. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export type Parameters = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

export interface Verdict {
  readonly clause: string;
  readonly status: Status;
  readonly basis: Basis;
  /** Stable reason code ("tls-version-accepted") with its parameters; texts are made from them by `reasonText`. */
  readonly code: string;
  readonly parameters: Parameters;
  readonly evidence: readonly EvidenceRef[];
  /** Of the observation it cites; null where it cites none. */
  readonly observedAt: number | null;
  readonly ruleVersion: number;
}

export interface Assessment {
  readonly verdicts: readonly Verdict[];
  /** When the verdicts change by time alone, ms; null where never. */
  readonly nextChangeAt: number | null;
}

export interface Level {
  readonly proven: 0 | 1 | 2 | 3 | null;
  readonly possible: 0 | 1 | 2 | 3 | null;
  readonly observable: { readonly level: 0 | 1 | 2 | 3 | null; readonly checked: number; readonly of: number };
  readonly blocking: readonly string[];
  readonly aspects: Readonly<Partial<Record<Aspect, { readonly proven: 0 | 1 | 2 | 3 | null; readonly possible: 0 | 1 | 2 | 3 | null }>>>;
}
