/** One task, once: deadline, door, reading → looks. A probe that throws has a fault of code "bug"; what the network does is a reading. */
import { type EncodedFacts, encodeFacts, type FactsId, type ProbeId } from "@vedette/proto";
import { DialError } from "./net/dial.ts";
import type { Door } from "./net/door.ts";
import { onSegment } from "./net/interfaces.ts";
import type { Clock, Facts, Fault, Found, FoundSubject, ProbeContext, Reading, Target, Tier } from "./probe/probe.ts";
import type { AnyProbe } from "./probe/registry.ts";

/** Raw bytes kept with one observation, all together. */
export const EVIDENCE_BYTES = 16 * 1024;
export const EVIDENCE_PIECES = 64;
/** A probe that does not end by its deadline gets this long before it is left behind. */
const GRACE_MS = 1000;

export type LookOutcome = "identified" | "not-identified" | "unreachable" | "undetermined";

export type LookSubject =
  | { readonly kind: "endpoint"; readonly address: string; readonly transport: "tcp" | "udp"; readonly port: number }
  | { readonly kind: "host"; readonly address: string }
  | { readonly kind: "bss"; readonly bssid: string; readonly ssid: string }
  | { readonly kind: "site" };

export interface LookEvidence {
  readonly label: string;
  readonly content: Uint8Array;
  readonly truncated: boolean;
}

/** What one look at one subject gave, before it is decided what of it is told. */
export interface Look {
  readonly probe: ProbeId;
  readonly probeVersion: number;
  readonly tier: Tier;
  readonly subject: LookSubject;
  readonly variant?: string;
  readonly linkAddress?: string;
  /** Name of the interface in scope that the subject lies on; "" where it is routed. */
  readonly interface: string;
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly outcome: LookOutcome;
  readonly fault?: Fault;
  /** The messages, for those who plan by them; and their encoded form, which is what is hashed and sent. */
  readonly facts?: Facts<ProbeId>;
  readonly encoded?: EncodedFacts;
  readonly evidence: readonly LookEvidence[];
  readonly cost: { readonly connections: number; readonly bytesIn: number; readonly bytesOut: number; readonly durationMs: number };
  /** Steps that the probe noted; kept in the log of failures. */
  readonly notes: readonly { readonly step: string; readonly detail?: Readonly<Record<string, unknown>> }[];
}

/** A look, or a word of the agent about itself: what is told of either is decided alike. */
export type Statement = Omit<Look, "probe"> & { readonly probe: FactsId };

export interface Task {
  readonly probe: AnyProbe;
  readonly target: Target;
  /** Parsed by the probe's own schema when the plan was made. */
  readonly options: unknown;
  /** Tells apart several looks of one probe at one subject (look-key.ts). */
  readonly variant?: string;
  readonly deadlineMs?: number;
}

export interface RunParts {
  readonly door: Door;
  readonly clock: Clock;
  /** IPv4 address → link address, of the agent's own segment. Asked after each look, as the look itself makes its host a neighbour. */
  readonly neighbours: () => ReadonlyMap<string, string>;
}

interface Collected {
  readonly evidence: { label: string; bytes: Uint8Array }[];
  readonly notes: { step: string; detail?: Readonly<Record<string, unknown>> }[];
}

type Result = { readonly reading: Reading<ProbeId> } | { readonly found: readonly Found<ProbeId>[]; readonly fault?: Fault };

export function capEvidence(pieces: readonly { label: string; bytes: Uint8Array }[], cap = EVIDENCE_BYTES): LookEvidence[] {
  const kept: LookEvidence[] = [];
  let room = cap;
  for (const { label, bytes } of pieces.slice(0, EVIDENCE_PIECES)) {
    if (room === 0) break;
    const content = bytes.subarray(0, room);
    room -= content.byteLength;
    kept.push({ label: label.slice(0, 128), content, truncated: content.byteLength < bytes.byteLength });
  }
  return kept;
}

/** Where the look of a probe at a target belongs, unless the probe finds subjects of its own. */
export function subjectOf(probe: AnyProbe, target: Target): LookSubject {
  if (probe.transport === "capture") return { kind: "site" };
  if (target.port === 0) return target.address === "" ? { kind: "site" } : { kind: "host", address: target.address };
  return { kind: "endpoint", address: target.address, transport: probe.transport, port: target.port };
}

function faultOf(thrown: unknown): Fault {
  if (thrown instanceof DialError) return thrown.fault;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return { phase: "request", code: "bug", message: `The probe threw ${name}.`, cause: thrown };
}

async function attempt(task: Task, context: ProbeContext): Promise<Result> {
  try {
    const { probe, target, options } = task;
    if ("runMany" in probe) return await probe.runMany(target, options, context);
    return { reading: await probe.run(target, options, context) };
  } catch (thrown) {
    return { reading: { outcome: "undetermined", fault: faultOf(thrown) } };
  }
}

/** A signal that ends with the other one or at the deadline; cancelled, it leaves neither timer nor listener behind. */
function deadline(ms: number, outer: AbortSignal): { readonly signal: AbortSignal; cancel(): void } {
  const own = new AbortController();
  const end = (): void => own.abort(outer.reason);
  const timer = setTimeout(() => own.abort(new DOMException("The deadline passed.", "TimeoutError")), ms);
  if (outer.aborted) end();
  else outer.addEventListener("abort", end, { once: true });
  return {
    signal: own.signal,
    cancel() {
      clearTimeout(timer);
      outer.removeEventListener("abort", end);
    },
  };
}

/** Resolves after the deadline and its grace, for probes that do not heed the signal. */
function overdue(deadlineMs: number): { readonly result: Promise<Result>; cancel(): void } {
  let timer: NodeJS.Timeout;
  const result = new Promise<Result>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({
          reading: {
            outcome: "undetermined",
            fault: { phase: "response", code: "timeout", message: "The probe did not end by its deadline." },
          },
        }),
      deadlineMs + GRACE_MS,
    );
  });
  return { result, cancel: () => clearTimeout(timer) };
}

function foundSubject(s: FoundSubject): { subject: LookSubject; linkAddress?: string } {
  if (s.kind === "bss") return { subject: { kind: "bss", bssid: s.bssid, ssid: s.ssid } };
  return { subject: { kind: "host", address: s.address }, ...(s.linkAddress === undefined ? {} : { linkAddress: s.linkAddress }) };
}

/**
 * @param signal ends the task early: the agent stops
 * @returns one look; several for probes that find subjects of their own; none where such a probe found nothing and says no fault
 */
export async function runTask(task: Task, parts: RunParts, signal: AbortSignal): Promise<readonly Look[]> {
  const { probe, target } = task;
  const { clock } = parts;
  const deadlineMs = task.deadlineMs ?? probe.deadlineMs;
  const collected: Collected = { evidence: [], notes: [] };
  const { signal: ends, cancel } = deadline(deadlineMs, signal);
  const dial = parts.door.forProbe(ends, {
    probe: probe.id,
    target: target.port === 0 ? target.address : `${target.address}:${target.port}`,
  });
  const wallMs = clock.wall();
  const monotonicMs = clock.monotonic();
  const late = overdue(deadlineMs);
  let result: Result;
  try {
    const context: ProbeContext = {
      signal: ends,
      dial,
      clock,
      note: (step, detail) => collected.notes.push(detail === undefined ? { step } : { step, detail }),
      evidence: (label, bytes) => collected.evidence.push({ label, bytes }),
    };
    result = await Promise.race([attempt(task, context), late.result]);
  } finally {
    late.cancel();
    cancel();
    dial.close();
  }
  const cost = { ...dial.spent, durationMs: Math.round(clock.monotonic() - monotonicMs) };
  const neighbours = parts.neighbours();

  function look(subject: LookSubject, rest: Pick<Look, "outcome"> & Partial<Look>): Look {
    const address = "address" in subject ? subject.address : "";
    const linkAddress = rest.linkAddress ?? neighbours.get(address);
    return {
      probe: probe.id,
      probeVersion: probe.version,
      tier: probe.tier,
      subject,
      ...(task.variant === undefined ? {} : { variant: task.variant }),
      interface: parts.door.interfaces.find((i) => address !== "" && onSegment(i, address))?.name ?? "",
      wallMs,
      monotonicMs,
      evidence: capEvidence(collected.evidence),
      cost,
      notes: collected.notes,
      ...rest,
      ...(linkAddress === undefined ? {} : { linkAddress }),
    };
  }

  function withFacts(subject: LookSubject, facts: Facts<ProbeId>, rest: Partial<Look>): Look {
    return look(subject, { outcome: "identified", facts, encoded: encodeFacts(probe.id, facts.posture, facts.volatile), ...rest });
  }

  if ("reading" in result) {
    const { reading } = result;
    const subject = subjectOf(probe, target);
    if (reading.outcome !== "identified") return [look(subject, { outcome: reading.outcome, fault: reading.fault })];
    return [withFacts(subject, reading.result, reading.fault === undefined ? {} : { fault: reading.fault })];
  }
  const looks = result.found.map((f) => {
    const own = f.subject === undefined ? { subject: subjectOf(probe, target) } : foundSubject(f.subject);
    return withFacts(own.subject, f, {
      ...(own.linkAddress === undefined ? {} : { linkAddress: own.linkAddress }),
      ...(f.evidence === undefined ? {} : { evidence: capEvidence(f.evidence) }),
    });
  });
  // The cost of one search is told once.
  const priced = looks.map((l, i) => (i === 0 ? l : { ...l, cost: { connections: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 } }));
  if (result.fault === undefined) return priced;
  return [...priced, look({ kind: "site" }, { outcome: "undetermined", fault: result.fault, evidence: [] })];
}
