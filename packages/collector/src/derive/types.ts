/** What deriving reads and what it makes. Pure data: derive/ imports standard and proto types, nothing else. */
import type { Basis, Coverage, DeviceClass, EvidenceRef, Level, Parameters, Status } from "@vedette/standard";

/** One stored observation in compact form. */
export interface StoredObservation {
  readonly agent: string;
  readonly epoch: string;
  /** Creation of the epoch, corrected, ms. */
  readonly epochCreatedAt: number;
  readonly seq: number;
  /** SHA-256 over the encoded observation, hex: two of them under one key are both counted. */
  readonly contentHash: string;
  readonly probe: string;
  readonly probeVersion: number;
  readonly tier: string;
  readonly subject:
    | { readonly kind: "endpoint"; readonly address: string; readonly transport: "tcp" | "udp"; readonly port: number }
    | { readonly kind: "host"; readonly address: string }
    | { readonly kind: "bss"; readonly bssid: string; readonly ssid: string }
    | { readonly kind: "site" };
  readonly linkAddress: string | null;
  readonly interface: string;
  /** Wall + offset, ms; not yet made monotone (history.ts does that). */
  readonly wallAt: number;
  readonly uncertaintyMs: number | null;
  /** Earliest storage time of its key, ms. */
  readonly storedAt: number;
  readonly outcome: "identified" | "not-identified" | "unreachable" | "undetermined";
  readonly fault: { readonly phase: string; readonly code: string } | null;
  /** Plain posture and volatile facts (proto's FactsOf), for observations that carry them. */
  readonly facts: Readonly<Record<string, unknown>> | null;
  readonly factsHash: string | null;
  readonly confirm: { readonly epoch: string; readonly seq: number; readonly hash: string } | null;
  readonly intervalMs: number;
}

/** What people decided, as of now, for one site: from documents. */
export interface Decisions {
  readonly profiles: readonly {
    readonly id: string;
    readonly match: { readonly device?: string; readonly vendor?: string; readonly model?: string };
    readonly services: readonly string[];
    readonly wired?: boolean;
    readonly from: number;
  }[];
  readonly memberships: readonly {
    readonly device: string;
    readonly membership: Membership;
    readonly author: string;
    readonly reason: string;
    readonly from: number;
  }[];
  readonly names: readonly {
    readonly device: string;
    readonly name?: string;
    readonly location?: string;
    readonly owner?: string;
    readonly tags?: readonly string[];
  }[];
  readonly attestations: readonly {
    readonly id: string;
    readonly clauses: readonly string[];
    readonly target: { readonly device?: string; readonly site?: string; readonly vendor?: string; readonly model?: string };
    readonly result: "pass" | "fail" | "notapplicable";
    readonly author: string;
    readonly documentHash: string;
    readonly validFrom: number;
    readonly expires: number;
    readonly recordedAt: number;
  }[];
  readonly overrules: readonly {
    readonly kind: "join" | "split";
    readonly a: string;
    readonly b: string;
    readonly author: string;
    readonly reason: string;
    readonly from: number;
  }[];
}

export type Membership = "in" | "out" | "environment" | "undecided";

export interface Identifier {
  /** mac, serial, uuid, engine-id, if-mac join; key, mdns-instance, host-name, address suggest. */
  readonly kind: "mac" | "serial" | "uuid" | "engine-id" | "if-mac" | "key" | "mdns-instance" | "host-name" | "address";
  readonly value: string;
  readonly joins: boolean;
  /** Held by hosts alive at the same time: no longer joins. */
  readonly cloned: boolean;
  readonly firstSeenAt: number;
  readonly observation: string;
}

/** What a deriver brings along, so that deriving itself needs no platform. */
export interface DeriveContext {
  /** Hex SHA-256 of a text in UTF-8. */
  readonly hash: (text: string) => string;
  /** How long a host without an identifier that joins is waited for before it is a device of its own, ms. Default 3,000. */
  readonly settleMs?: number;
}

export interface Attribute {
  readonly value: string;
  /** Probe and field it came from, "upnp.description/modelName". */
  readonly source: string;
  /** 0..1 */
  readonly confidence: number;
  readonly observation: string;
  readonly alternatives: readonly { readonly value: string; readonly source: string; readonly confidence: number }[];
}

export interface Device {
  readonly id: string;
  readonly class: DeviceClass;
  readonly vendor: Attribute | null;
  readonly model: Attribute | null;
  readonly firmware: Attribute | null;
  readonly serial: Attribute | null;
  readonly friendlyName: string;
  /** As people wrote; empty where nobody did. */
  readonly location: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly membership: Membership;
  readonly membershipReason: string;
  /** Alive now, newest first. */
  readonly addresses: readonly string[];
  readonly identifiers: readonly Identifier[];
  /** Why these sightings are one device. */
  readonly joins: readonly {
    readonly identifier: string;
    readonly value: string;
    readonly a: string;
    readonly b: string;
    readonly at: number;
  }[];
  /** Probes that saw it, sorted: the protocol sources. */
  readonly sources: readonly string[];
  readonly endpoints: readonly {
    readonly address: string;
    readonly transport: string;
    readonly port: number;
    readonly protocol: string;
    readonly firstSeenAt: number;
  }[];
  readonly bss: readonly string[];
  readonly coverage: Coverage;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Not null: it has vanished, since when. */
  readonly vanishedAt: number | null;
  readonly level: Level;
  readonly counts: Readonly<Record<Status, number>>;
  readonly aliases: readonly string[];
  /** Another device stood at the same place before, with another serial. */
  readonly replaces: string | null;
  /** Founding sighting and its first observation, "vantage|address|link|agent/epoch/seq": what `SiteInput.known` is keyed by. */
  readonly founding: string;
}

export type Cause = "observation" | "identity" | "attestation" | "feed" | "rules" | "profile" | "expiry" | "correction";

/** One row of the bitemporal rule (semantics: beliefs). Key: (device, clause, from). */
export interface Belief {
  readonly device: string;
  readonly clause: string;
  /** When it became so at the site, ms. */
  readonly from: number;
  readonly status: Status | "retracted";
  readonly basis: Basis;
  readonly code: string;
  readonly parameters: Parameters;
  readonly evidence: readonly EvidenceRef[];
  readonly observedAt: number | null;
  readonly ruleVersion: number;
  readonly cause: Cause;
  /** True within the device's first assessment: makes no event. */
  readonly initial: boolean;
  /** Only while deriving: its evidence expired, which is told once per probe (or for a silent agent once), not once per verdict. */
  readonly unannounced?: boolean;
}

/** Something that happened, beside verdicts: appeared, vanished, moved, service opened ... */
export interface Occurrence {
  /** Deterministic from its content. */
  readonly key: string;
  readonly kind: "drift" | "transition" | "exposure" | "device" | "agent";
  /** "device-appeared", "device-vanished", "device-returned", "device-moved", "service-opened", "service-closed", "certificate-changed", "device-merged", "device-split", ... */
  readonly change: string;
  readonly device: string;
  readonly at: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly code: string;
  readonly parameters: Parameters;
  readonly severity: "info" | "low" | "medium" | "high";
  readonly evidence: readonly EvidenceRef[];
  /** True: belongs to the first sight of the device; recorded, paged to nobody, makes no event except device-appeared. */
  readonly initial: boolean;
}

export interface BssPresent {
  readonly bssid: string;
  readonly ssid: string;
  readonly device: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly observedAt: number;
}

export interface SiteInput {
  readonly tenant: string;
  readonly site: string;
  readonly observations: readonly StoredObservation[];
  readonly decisions: Decisions;
  /** Founding key -> id already recorded, with its recording order. */
  readonly known: ReadonlyMap<string, { readonly id: string; readonly recordedAt: number }>;
  /** Keys shared by devices over the tenant (findings). */
  readonly sharedKeys: readonly { readonly spkiSha256: string; readonly devices: readonly string[] }[];
  readonly rules: string;
}

/** The whole present of a site as it follows from the truth and the time `at`. */
export interface SitePresent {
  readonly devices: readonly Device[];
  readonly beliefs: readonly Belief[];
  readonly occurrences: readonly Occurrence[];
  readonly bss: readonly BssPresent[];
  /** When time alone changes something, ms. */
  readonly nextChangeAt: number | null;
}
