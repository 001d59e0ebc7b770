/** One probe, once, at exactly one host: `vedette probe`. */
import { decodePosture, decodeVolatile, type FactsOf, isProbeId, type ProbeId } from "@vedette/proto";
import { withNames } from "@vedette/standard/registry";
import { createBudget } from "./net/budget.ts";
import { systemClock } from "./net/clock.ts";
import { createDoor } from "./net/door.ts";
import { siteInterfaces } from "./net/interfaces.ts";
import { readNeighbours } from "./net/neighbour.ts";
import { memoryProbeLog } from "./net/probe-log.ts";
import { canonical, parseScope } from "./net/scope.ts";
import type { Target } from "./probe/probe.ts";
import { findProbe, PROBES } from "./probe/registry.ts";
import { type Look, type LookOutcome, type LookSubject, runTask } from "./run.ts";

/** One sentence that says what is wrong with what was asked. */
export class ProbeUsageError extends Error {
  override readonly name = "ProbeUsageError";
  /** Exit status of the command line: wrong usage. */
  readonly status = 2;
}

export interface ProbeAnswer {
  readonly probe: ProbeId;
  readonly probeVersion: number;
  readonly subject: LookSubject;
  /** RFC 3339 UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: LookOutcome;
  readonly fault?: { readonly phase: string; readonly code: string; readonly message: string };
  /** Facts in camelCase, names beside IANA numbers. */
  readonly result?: Readonly<Record<string, unknown>>;
  readonly connections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface ProbeOnceOptions {
  readonly signal: AbortSignal;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly sourceAddress?: string;
  readonly deadlineMs?: number;
}

/** "HOST", "HOST:PORT" or "[IPv6]:PORT"; a path for captures. @throws ProbeUsageError */
export function parseTarget(probe: ProbeId, text: string): Target {
  const known = findProbe(probe);
  if (known === undefined)
    throw new ProbeUsageError(`${probe}: this program has no such probe; choose of ${PROBES.map((p) => p.id).join(", ")}`);
  if (known.transport === "capture") return { address: text, port: 0 };
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = bracketed ?? (text.split(":").length > 2 ? [text, text, undefined] : /^([^:]+)(?::(\d{1,5}))?$/.exec(text));
  const address = canonical(plain?.[1] ?? "");
  const port = plain?.[2] === undefined ? known.port : Number(plain[2]);
  if (address === undefined)
    throw new ProbeUsageError(`target: "${text}" is not an address; write ADDRESS or ADDRESS:PORT, for example 192.168.1.64:443`);
  if (port > 65_535 || (known.port > 0 && port === 0)) throw new ProbeUsageError(`target: ${port} is not a port; use 1 to 65535`);
  return { address, port: known.port === 0 ? 0 : port };
}

/** Facts as people and other programs read them. */
export function namedFacts(probe: ProbeId, posture: Uint8Array, volatile: Uint8Array): Readonly<Record<string, unknown>> {
  const facts = { ...decodePosture(probe, posture), ...decodeVolatile(probe, volatile) } as FactsOf<ProbeId>;
  return withNames(probe, facts);
}

function answerOf(look: Look): ProbeAnswer {
  const { fault, encoded, cost } = look;
  return {
    probe: look.probe,
    probeVersion: look.probeVersion,
    subject: look.subject,
    startedAt: new Date(look.wallMs).toISOString(),
    durationMs: cost.durationMs,
    outcome: look.outcome,
    ...(fault === undefined ? {} : { fault: { phase: fault.phase, code: fault.code, message: fault.message } }),
    ...(encoded === undefined ? {} : { result: namedFacts(look.probe, encoded.posture, encoded.volatile) }),
    connections: cost.connections,
    bytesIn: cost.bytesIn,
    bytesOut: cost.bytesOut,
  };
}

/**
 * Scope is exactly the host that is named.
 * @returns one answer; several for searches and captures
 * @throws ProbeUsageError
 */
export async function probeOnce(
  probeId: string,
  target: string,
  { signal, options = {}, sourceAddress, deadlineMs }: ProbeOnceOptions,
): Promise<readonly ProbeAnswer[]> {
  if (!isProbeId(probeId)) throw new ProbeUsageError(`${probeId}: is no probe; choose of ${PROBES.map((p) => p.id).join(", ")}`);
  const probe = findProbe(probeId);
  const at = parseTarget(probeId, target);
  if (probe === undefined) throw new ProbeUsageError(`${probeId}: is no probe`);
  const parsed = probe.options.safeParse(options);
  if (!parsed.success)
    throw new ProbeUsageError(`options: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`);
  const scope = parseScope({ include: probe.transport === "capture" ? ["192.0.2.0/32"] : [at.address] });
  const door = createDoor({
    scope,
    budget: createBudget(systemClock),
    clock: systemClock,
    log: memoryProbeLog(),
    interfaces: siteInterfaces(scope, sourceAddress === undefined ? {} : { loopbackSource: sourceAddress }),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
  });
  const looks = await runTask(
    { probe, target: at, options: parsed.data, ...(deadlineMs === undefined ? {} : { deadlineMs }) },
    { door, clock: systemClock, neighbours: () => readNeighbours() },
    signal,
  );
  return looks.map(answerOf);
}
