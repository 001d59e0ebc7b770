/** What holds now: the agent's own config as the ceiling, narrowed by the signed policy of the centre. */
import { createPublicKey, verify } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { type Policy, PolicySchema, type SignedPolicy } from "@vedette/proto";
import { EXCLUDED_PORTS } from "@vedette/standard/registry";
import { type BudgetLimits, DEFAULT_LIMITS } from "./net/budget.ts";
import { overlap, type Prefix, parseScope, type Scope } from "./net/scope.ts";
import type { Tier } from "./probe/probe.ts";

export const TIERS = ["passive", "polite", "credentialed", "intrusive"] as const satisfies readonly Tier[];

export class PolicyError extends Error {
  override readonly name = "PolicyError";
}

/** What the agent's own config allows. */
export interface Ceiling {
  readonly scope: readonly string[];
  readonly exclude: readonly string[];
  readonly tier: Tier;
  readonly budget?: Partial<BudgetLimits>;
}

export interface PortProtocol {
  readonly transport: "tcp" | "udp";
  readonly port: number;
  readonly protocol: string;
}

export interface Standing {
  /** 0: no policy yet, the config alone. */
  readonly version: number;
  readonly scope: Scope;
  readonly tier: Tier;
  readonly budget: BudgetLimits;
  /** By schedule name, ms; only those that the policy names. */
  readonly intervals: ReadonlyMap<string, number>;
  readonly confirmMs: number;
  readonly portHints: readonly PortProtocol[];
  /** SSIDs and BSSIDs; empty: every BSS of a capture is in scope. */
  readonly radioScope: readonly string[];
}

const CONFIRM_MS = 3600_000;

/**
 * Checks the signature over exactly the policy's bytes (Ed25519, RFC 8032).
 * @param publicKey SPKI DER
 * @throws PolicyError
 */
export function openPolicy(signed: SignedPolicy, publicKey: Uint8Array): Policy {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "ed25519") throw new PolicyError("the policy key is not an Ed25519 key");
  if (!verify(null, signed.policy, key, signed.signature))
    throw new PolicyError("the policy's signature does not hold under the enrolled policy key");
  return fromBinary(PolicySchema, signed.policy);
}

function text(p: Prefix): string {
  return `${p.ip.toString()}/${p.bits}`;
}

/** What lies in both: of each pair of prefixes, one contains the other or they share nothing. */
function narrow(own: readonly string[], policy: readonly string[]): string[] {
  if (policy.length === 0) return [...own];
  const theirs = parseScope({ include: policy }).include;
  return parseScope({ include: own }).include.flatMap((a) =>
    theirs.filter((b) => overlap(a, b)).map((b) => text(a.bits >= b.bits ? a : b)),
  );
}

function lowerTier(own: Tier, told: string): Tier {
  const at = TIERS.indexOf(told as Tier);
  return at === -1 ? own : (TIERS[Math.min(at, TIERS.indexOf(own))] ?? own);
}

function budgetOf(ceiling: Partial<BudgetLimits> | undefined, policy: Policy | undefined): BudgetLimits {
  const asked = policy?.budget;
  const capped = (told: number | undefined, normal: number, cap: number | undefined): number => {
    const wanted = told === undefined || told === 0 ? normal : told;
    return cap === undefined ? wanted : Math.min(wanted, cap);
  };
  return {
    sitePerSecond: capped(asked?.sitePerSecond, ceiling?.sitePerSecond ?? DEFAULT_LIMITS.sitePerSecond, ceiling?.sitePerSecond),
    hostPerSecond: capped(asked?.hostPerSecond, ceiling?.hostPerSecond ?? DEFAULT_LIMITS.hostPerSecond, ceiling?.hostPerSecond),
    sweepHostPerSecond: ceiling?.sweepHostPerSecond ?? DEFAULT_LIMITS.sweepHostPerSecond,
    hostConcurrent: capped(asked?.hostConcurrent, ceiling?.hostConcurrent ?? DEFAULT_LIMITS.hostConcurrent, ceiling?.hostConcurrent),
    sweepAttempts: ceiling?.sweepAttempts ?? DEFAULT_LIMITS.sweepAttempts,
  };
}

function isTransport(t: string): t is "tcp" | "udp" {
  return t === "tcp" || t === "udp";
}

/** @throws ScopeError where config or policy name what is no network */
export function stand(ceiling: Ceiling, policy?: Policy): Standing {
  const untouchedPorts = new Set([...EXCLUDED_PORTS, ...(policy?.excludePorts ?? [])]);
  return {
    version: policy?.version ?? 0,
    scope: parseScope(
      { include: narrow(ceiling.scope, policy?.scope ?? []), exclude: [...ceiling.exclude, ...(policy?.exclude ?? [])] },
      untouchedPorts,
    ),
    tier: lowerTier(ceiling.tier, policy?.tier ?? ""),
    budget: budgetOf(ceiling.budget, policy),
    intervals: new Map((policy?.intervals ?? []).filter((i) => i.intervalMs > 0).map((i) => [i.name, i.intervalMs])),
    confirmMs: policy === undefined || policy.confirmIntervalMs === 0 ? CONFIRM_MS : policy.confirmIntervalMs,
    portHints: (policy?.portHints ?? []).flatMap((h) =>
      isTransport(h.transport) ? [{ transport: h.transport, port: h.port, protocol: h.protocol }] : [],
    ),
    radioScope: policy?.radioScope ?? [],
  };
}
