/** Things that happen beside verdicts, each with one deterministic key. */
import type { EvidenceRef, Parameters } from "@vedette/standard";
import { canonical } from "./canonical.ts";
import type { Seen } from "./history.ts";
import type { Occurrence } from "./types.ts";

export type Change =
  | "device-appeared"
  | "device-vanished"
  | "device-returned"
  | "device-moved"
  | "device-replaced"
  | "service-opened"
  | "service-closed"
  | "certificate-changed"
  | "certificate-expiring"
  | "community-default"
  | "evidence-expired"
  | "agent-silent"
  | "agent-returned"
  | "agent-gap"
  | "agent-cloned";

/** What each change is and how grave: drift where something appeared, changed or vanished, transition where it only became otherwise. */
const NATURE: Readonly<Record<Change, Pick<Occurrence, "kind" | "severity">>> = {
  "device-appeared": { kind: "drift", severity: "info" },
  "device-vanished": { kind: "drift", severity: "medium" },
  "device-returned": { kind: "transition", severity: "info" },
  "device-moved": { kind: "drift", severity: "low" },
  "device-replaced": { kind: "drift", severity: "medium" },
  "service-opened": { kind: "drift", severity: "medium" },
  "service-closed": { kind: "drift", severity: "low" },
  "certificate-changed": { kind: "drift", severity: "low" },
  "certificate-expiring": { kind: "exposure", severity: "medium" },
  "community-default": { kind: "exposure", severity: "medium" },
  "evidence-expired": { kind: "drift", severity: "low" },
  "agent-silent": { kind: "agent", severity: "medium" },
  "agent-returned": { kind: "agent", severity: "info" },
  "agent-gap": { kind: "agent", severity: "medium" },
  "agent-cloned": { kind: "agent", severity: "high" },
};

/** Kind of what takes an event back: with the agent's and the exposures' own events it stays among them; else it is good news, a transition. */
export function withdrawalKind(change: string): "agent" | "exposure" | "transition" {
  const kind = Object.hasOwn(NATURE, change) ? NATURE[change as Change].kind : null;
  return kind === "agent" || kind === "exposure" ? kind : "transition";
}

export interface Note {
  readonly change: Change;
  readonly at: number;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly parameters?: Parameters;
  readonly evidence?: readonly EvidenceRef[];
  readonly initial?: boolean;
}

export function occurrenceOf(device: string, note: Note, hash: (text: string) => string): Occurrence {
  const { change, at } = note;
  const from = note.from ?? null;
  const to = note.to ?? null;
  const parameters = note.parameters ?? {};
  return {
    key: hash(`occurrence|${canonical([device, change, at, from, to, parameters])}`),
    ...NATURE[change],
    change,
    device,
    at,
    from,
    to,
    code: change,
    parameters,
    evidence: note.evidence ?? [],
    initial: note.initial ?? false,
  };
}

export function cite(seen: Seen, facts: Readonly<Record<string, unknown>>): EvidenceRef {
  return { kind: "observation", id: seen.id, facts: { probe: seen.probe, ...facts } };
}
