/** What a report is made from and what it holds. Devices and assessments have the shapes of the REST API; times are RFC 3339 in UTC. */
import type { Aspect, EvidenceRef, Level, Look, Parameters, Status, Text, Tier } from "@vedette/standard";

export type Grade = Level["proven"];
export type Membership = "in" | "out" | "environment" | "undecided";

export interface ReportedVerdict {
  readonly clause: string;
  readonly status: Status;
  readonly basis: string;
  readonly code: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly reason: Text;
  readonly evidence: readonly EvidenceRef[];
  /** Since when it has been so. */
  readonly since: string;
  readonly observedAt: string | null;
  readonly recordedAt: string;
}

export interface ReportedAssessment {
  readonly device: string;
  readonly at: string;
  readonly knownAt: string;
  readonly catalogue: string;
  readonly level: Pick<Level, "proven" | "possible" | "observable"> & {
    readonly blocking: readonly string[];
    readonly aspects: Readonly<Partial<Record<Aspect, { readonly proven: Grade; readonly possible: Grade } | undefined>>>;
  };
  /** All 54. */
  readonly verdicts: readonly ReportedVerdict[];
}

/** What a report reads of a device; whatever else the device holds is passed on. */
export interface ReportedDevice {
  readonly id: string;
  readonly name: string;
  readonly membership: Membership;
  readonly addresses: readonly string[];
  readonly sources: readonly string[];
  readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
  readonly failing: readonly string[];
}

export type Severity = "info" | "low" | "medium" | "high";

/** Told, but no clause: never changes a level. */
export interface ExposureInput {
  readonly change: string;
  /** ms */
  readonly at: number;
  readonly severity: Severity;
  readonly parameters: Parameters;
  readonly evidence: readonly EvidenceRef[];
}

export interface Exposure {
  readonly change: string;
  readonly at: string;
  readonly severity: Severity;
  readonly reason: Text;
  readonly parameters: Parameters;
  readonly evidence: readonly EvidenceRef[];
}

export interface BssInput {
  readonly bssid: string;
  readonly ssid: string;
  /** Id of the device that it belongs to. */
  readonly device: string | null;
  readonly look: Look<"wifi.bss">;
}

export interface BssResult {
  readonly bssid: string;
  readonly ssid: string;
  readonly device: string | null;
  /** With the names of their numbers. */
  readonly facts: object;
  /** The Wi-Fi clauses, judged for this BSS alone. */
  readonly verdicts: readonly ReportedVerdict[];
}

export interface NotLookedAt {
  readonly silentAddresses: readonly string[];
  readonly addressesNotSearched: number;
  readonly untouchedTcpPorts: readonly number[];
  /** False: of TCP ports only the usual ones were looked at. */
  readonly fullSweep: boolean;
  readonly probes: readonly string[];
  readonly tiers: readonly Tier[];
  readonly cutShort: boolean;
}

export interface AuditInput<D extends ReportedDevice> {
  readonly site: string;
  readonly scope: readonly string[];
  readonly exclude: readonly string[];
  readonly tier: Tier;
  /** ms */
  readonly startedAt: number;
  /** ms; the time for which everything is judged. */
  readonly endedAt: number;
  /** SHA-256, lower-case hex. */
  readonly probeLogHash: string;
  readonly authorizedBy: string | null;
  readonly devices: readonly {
    readonly device: D;
    readonly assessment: ReportedAssessment;
    readonly exposures: readonly ExposureInput[];
  }[];
  readonly bss: readonly BssInput[];
  readonly notLookedAt: NotLookedAt;
}

/** How many members stand where: "0" to "3", "none" where nothing applies. */
export type Distribution = Readonly<Record<"0" | "1" | "2" | "3" | "none", number>>;

/** The lowest of the devices that are in; the others are shown beside and never counted. */
export interface SiteLevel {
  readonly proven: Grade;
  readonly possible: Grade;
  readonly observable: { readonly level: Grade; readonly checked: number; readonly of: number };
  /** Clauses that block any member, in the order of the standard. */
  readonly blocking: readonly string[];
  readonly aspects: Readonly<Partial<Record<Aspect, { readonly proven: Grade; readonly possible: Grade }>>>;
  readonly distribution: { readonly proven: Distribution; readonly possible: Distribution };
  /** Verdicts of the members by status. */
  readonly counts: Readonly<Record<Status, number>>;
  readonly devices: Readonly<Record<Membership, number>>;
}

export interface AuditReport<D extends ReportedDevice = ReportedDevice> {
  readonly audit: {
    readonly site: string;
    readonly scope: readonly string[];
    readonly exclude: readonly string[];
    readonly tier: Tier;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly catalogue: string;
    readonly rules: string;
    readonly probeLogHash: string;
    readonly authorizedBy: string | null;
  };
  readonly level: SiteLevel;
  readonly devices: readonly (D & { readonly assessment: ReportedAssessment; readonly exposures: readonly Exposure[] })[];
  readonly bss: readonly BssResult[];
  readonly notLookedAt: NotLookedAt;
}
