/** How long a round takes at the paces that its budget allows, so that it can be said before it starts. */
import { COMMON_PORTS, EXCLUDED_PORTS, GUARD_PORTS } from "@vedette/standard/registry";
import type { BudgetLimits } from "./net/budget.ts";
import { stand } from "./policy.ts";
import type { Tier } from "./probe/probe.ts";
import { SEARCH_PORTS, snmpPorts } from "./schedule/plan.ts";
import { FIRST_SHARE, searchedAddresses } from "./schedule/search.ts";

/** Connections that the full TLS posture of one endpoint takes, about: versions, suites one by one, groups. */
const TLS_CONNECTIONS = 120;
const TCP_PORTS = 65_535;

export interface RoundEstimate {
  /** Addresses that are searched one by one, and those of the scope beyond that. */
  readonly addresses: number;
  readonly leftOut: number;
  readonly searchMs: number;
  /** The looks at one device with one TLS endpoint; several devices are looked at side by side. */
  readonly deviceMs: number;
  /** A full sweep of one device. */
  readonly sweepMs: number;
  readonly budget: BudgetLimits;
}

/** @throws ScopeError */
export function estimateRound(o: {
  readonly scope: readonly string[];
  readonly exclude?: readonly string[];
  readonly tier: Tier;
  readonly budget?: Partial<BudgetLimits>;
}): RoundEstimate {
  const standing = stand({
    scope: o.scope,
    exclude: o.exclude ?? [],
    tier: o.tier,
    ...(o.budget === undefined ? {} : { budget: o.budget }),
  });
  const { budget } = standing;
  const { addresses, leftOut } = searchedAddresses(standing);
  const attempts = addresses.length * (SEARCH_PORTS.length + snmpPorts(standing).length);
  return {
    addresses: addresses.length,
    leftOut,
    searchMs: (attempts / (budget.sitePerSecond * FIRST_SHARE)) * 1000,
    deviceMs: ((COMMON_PORTS.length + GUARD_PORTS.length + TLS_CONNECTIONS) / Math.min(budget.hostPerSecond, budget.sitePerSecond)) * 1000,
    sweepMs: ((TCP_PORTS - EXCLUDED_PORTS.length) / Math.min(budget.sweepHostPerSecond, budget.sitePerSecond)) * 1000,
    budget,
  };
}
