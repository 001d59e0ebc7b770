/**
 * What of a look is told: full facts, a short confirmation, or nothing yet (docs/observation.md).
 * Facts go out on a change, in a new epoch, once a day and when a receipt asks; a look faster than the confirm interval that finds
 * nothing new is told once per confirm interval.
 */
import { createHash } from "node:crypto";
import { Outcome, Tier as WireTier } from "@vedette/proto";
import { lookKey } from "./look-key.ts";
import {
  type Draft,
  type Entry,
  ObservationTooLargeError,
  type Outbox,
  OutboxFullError,
  RANK,
  type Rank,
  type Told,
  type ToldDraft,
} from "./outbox/outbox.ts";
import type { FaultCode, Tier } from "./probe/probe.ts";
import type { LookOutcome, LookSubject, Statement } from "./run.ts";

/** Facts that nothing changed are sent again after this. */
const REFRESH_MS = 24 * 3600_000;
/** Missed looks in a row that are each told: what it takes to call a host or an endpoint gone. */
export const MISSES_TOLD = 3;

const OUTCOME = {
  identified: Outcome.IDENTIFIED,
  "not-identified": Outcome.NOT_IDENTIFIED,
  unreachable: Outcome.UNREACHABLE,
  undetermined: Outcome.UNDETERMINED,
} as const satisfies Record<LookOutcome, Outcome>;

const TIER = {
  passive: WireTier.PASSIVE,
  polite: WireTier.POLITE,
  credentialed: WireTier.CREDENTIALED,
  intrusive: WireTier.INTRUSIVE,
} as const satisfies Record<Tier, WireTier>;

export interface Cadence {
  /** Interval of this look, ms. */
  readonly intervalMs: number;
  /** See Policy.confirm_interval_ms. */
  readonly confirmMs: number;
  /** Tell it whatever was told before: somebody asked. */
  readonly forced?: boolean;
}

export type Decision = "facts" | "confirm" | "outcome" | "silent";

export interface Report {
  readonly decision: Decision | "refused";
  /** Whether posture or outcome differ from what was last known of this look; false for a first look. */
  readonly changed: boolean;
  readonly first: boolean;
}

/** Time since then by the wall clock, ms. One that was set back by less than that says nothing of it: then it has been long enough. */
function since(thenMs: number, now: number): number {
  return now < thenMs ? Number.POSITIVE_INFINITY : now - thenMs;
}

function isDue(told: Told, now: number, cadence: Cadence): boolean {
  if (cadence.intervalMs >= cadence.confirmMs) return true;
  // The next look may come 10 % late: rather a little early than a whole look late.
  return since(told.reportedAtMs, now) >= cadence.confirmMs - cadence.intervalMs / 2;
}

/** @param hash of the posture, where there are facts */
export function decide(
  look: Pick<Statement, "outcome">,
  hash: Uint8Array | undefined,
  told: Told | undefined,
  now: number,
  cadence: Cadence,
): Decision {
  if (look.outcome === "identified" && hash !== undefined) {
    const base = told?.base;
    if (told === undefined || base === undefined || !sameBytes(base.hash, hash) || since(base.sentAtMs, now) >= REFRESH_MS) return "facts";
    if (told.outcome !== Outcome.IDENTIFIED || cadence.forced === true || isDue(told, now, cadence)) return "confirm";
    return "silent";
  }
  if (told === undefined || told.outcome !== OUTCOME[look.outcome] || cadence.forced === true) return "outcome";
  // What never answered is not missed.
  if (look.outcome === "unreachable" && told.posture !== undefined && told.repeats < MISSES_TOLD) return "outcome";
  return isDue(told, now, cadence) ? "outcome" : "silent";
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function wireSubject(s: LookSubject): NonNullable<Draft["subject"]> {
  switch (s.kind) {
    case "endpoint":
      return { kind: { case: "endpoint", value: { address: s.address, transport: s.transport, port: s.port } } };
    case "host":
      return { kind: { case: "host", value: { address: s.address } } };
    case "bss":
      return { kind: { case: "bss", value: { bssid: s.bssid, ssid: s.ssid } } };
    case "site":
      return { kind: { case: "site", value: {} } };
  }
}

function draftOf(look: Statement, decision: Decision, told: Told | undefined, hash: Uint8Array | undefined, statedMs: number): Draft {
  const base = told?.base;
  const { fault, encoded } = look;
  return {
    probe: look.probe,
    probeVersion: look.probeVersion,
    tier: TIER[look.tier],
    subject: wireSubject(look.subject),
    interface: look.interface,
    wallMs: look.wallMs,
    monotonicMs: look.monotonicMs,
    outcome: OUTCOME[look.outcome],
    intervalMs: Math.round(statedMs),
    cost: look.cost,
    evidence: decision === "confirm" ? [] : look.evidence.map((e) => ({ label: e.label, content: e.content, truncated: e.truncated })),
    ...(look.linkAddress === undefined ? {} : { linkAddress: look.linkAddress }),
    ...(fault === undefined ? {} : { fault: { phase: fault.phase, code: fault.code, message: fault.message } }),
    ...(decision === "facts" && encoded !== undefined ? { body: { case: "facts" as const, value: encoded } } : {}),
    ...(decision === "confirm" && base !== undefined && hash !== undefined
      ? { body: { case: "confirm" as const, value: { hash, epoch: base.epoch, seq: base.seq, intervalMs: Math.round(statedMs) } } }
      : {}),
  };
}

function toldAfter(look: Statement, decision: Decision, told: Told | undefined, hash: Uint8Array | undefined, now: number): ToldDraft {
  const outcome = OUTCOME[look.outcome];
  const posture = look.encoded?.posture ?? told?.posture;
  const base = decision === "facts" && hash !== undefined ? { hash, sentAtMs: now } : told?.base;
  return {
    outcome,
    fault: look.fault?.code ?? "",
    reportedAtMs: now,
    repeats: told !== undefined && told.outcome === outcome ? told.repeats + 1 : 1,
    ...(base === undefined ? {} : { base }),
    ...(posture === undefined ? {} : { posture }),
  };
}

/** What an outbox without room gives up last: facts, another outcome than before, and the misses by which something is gone. */
function rankOf(decision: Decision, look: Statement, after: ToldDraft): Rank {
  if (decision === "confirm") return RANK.confirmation;
  if (decision === "facts") return RANK.change;
  if (look.outcome === "undetermined") return RANK.outcome;
  return after.repeats <= (look.outcome === "unreachable" ? MISSES_TOLD : 1) ? RANK.change : RANK.outcome;
}

/** Faults that end a look before its end. */
const CUT: ReadonlySet<FaultCode> = new Set(["timeout", "closed", "reset", "refused", "unreachable", "budget", "resource"]);

/**
 * Half of what was known whole is no change of the device: the look could not tell. Where nothing whole was ever seen, half is told.
 * A list of ports says by itself what it covered.
 */
function isCutShort(look: Statement, told: Told | undefined): boolean {
  if (look.outcome !== "identified" || look.fault === undefined || look.probe === "tcp.connect") return false;
  return CUT.has(look.fault.code) && told?.posture !== undefined && told.fault === "";
}

function withoutFacts(look: Statement): Statement {
  const { facts: _, encoded: __, ...rest } = look;
  return { ...rest, outcome: "undetermined" };
}

export interface Observer {
  /** Decides, and appends what is to be told. A look that the full outbox refused counts as not told and is told by a later one. */
  report(look: Statement, cadence: Cadence): Report;
}

export interface ObserverParts {
  readonly outbox: Outbox;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Stands in each observation: Observation.boot. */
  readonly boot?: number;
  readonly onRefused: (look: Statement, cause: OutboxFullError | ObservationTooLargeError) => void;
}

export function createObserver({ outbox, now, boot, onRefused }: ObserverParts): Observer {
  function append(look: Statement, entry: Entry): boolean {
    try {
      outbox.append([entry]);
      return true;
    } catch (cause) {
      if (cause instanceof ObservationTooLargeError && look.evidence.length > 0)
        return append({ ...look, evidence: [] }, { ...entry, draft: { ...entry.draft, evidence: [] } });
      if (!(cause instanceof OutboxFullError || cause instanceof ObservationTooLargeError)) throw cause;
      onRefused(look, cause);
      return false;
    }
  }

  return {
    report(seen, cadence) {
      const look = isCutShort(seen, outbox.told(lookKey(seen))) ? withoutFacts(seen) : seen;
      const key = lookKey(look);
      const told = outbox.told(key);
      const hash = look.encoded === undefined ? undefined : createHash("sha256").update(look.encoded.posture).digest();
      const at = now();
      const decision = decide(look, hash, told, at, cadence);
      const statedMs = Math.max(cadence.intervalMs, cadence.confirmMs);
      const first = told === undefined;
      const changed = !first && look.outcome !== "undetermined" && differs(look, told);
      if (decision === "silent") return { decision, changed, first };
      const after = toldAfter(look, decision, told, hash, at);
      const draft = { ...draftOf(look, decision, told, hash, statedMs), ...(boot === undefined ? {} : { boot }) };
      const entry = { look: key, rank: rankOf(decision, look, after), draft, told: after };
      return { decision: append(look, entry) ? decision : "refused", changed, first };
    },
  };
}

function differs(look: Statement, told: Told): boolean {
  if (told.outcome !== OUTCOME[look.outcome]) return true;
  const posture = look.encoded?.posture;
  return posture !== undefined && (told.posture === undefined || !sameBytes(told.posture, posture));
}
