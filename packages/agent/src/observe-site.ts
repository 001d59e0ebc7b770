/** One full round over a scope, without a centre: what `vedette audit` judges. The same schedule over an outbox in memory. */
import { fromBinary } from "@bufbuild/protobuf";
import { type Observation, ObservationSchema } from "@vedette/proto";
import { EXCLUDED_PORTS } from "@vedette/standard/registry";
import type { Logger } from "pino";
import { createEngine } from "./engine.ts";
import type { BudgetLimits } from "./net/budget.ts";
import { systemClock } from "./net/clock.ts";
import { memoryProbeLog, openProbeLog } from "./net/probe-log.ts";
import { createMemoryOutbox } from "./outbox/memory.ts";
import type { EpochStamp } from "./outbox/outbox.ts";
import { type PortProtocol, stand, TIERS } from "./policy.ts";
import type { Tier } from "./probe/probe.ts";
import { PROBES } from "./probe/registry.ts";
import { searchedAddresses } from "./schedule/search.ts";

export interface ObserveSiteOptions {
  readonly scope: readonly string[];
  readonly exclude?: readonly string[];
  readonly interfaces?: readonly string[];
  readonly tier: Tier;
  /** Capture files. */
  readonly wifi?: readonly string[];
  readonly budget?: Partial<BudgetLimits>;
  readonly sourceAddress?: string;
  /** Ports of the site beside the usual ones. */
  readonly portHints?: readonly PortProtocol[];
  /** Every TCP port of every host: about 22 min a host at the usual pace. */
  readonly fullSweep?: boolean;
  /** Listens at least so long, ms: what a passive round lives on. Default 0. */
  readonly listenMs?: number;
  /** Where the record of every probe sent is kept; in memory where absent. */
  readonly probeLog?: string;
  readonly logger: Logger;
  /** Ends the round early; what was seen until then stands. */
  readonly signal: AbortSignal;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly looksDone: number;
  readonly looksKnown: number;
  readonly hosts: number;
}

export interface NotLookedAt {
  /** Addresses of the scope at which nothing answered. */
  readonly silentAddresses: readonly string[];
  /** How many addresses were not searched, the scope being too large for it. */
  readonly addressesNotSearched: number;
  readonly untouchedTcpPorts: readonly number[];
  /** Only the usual ports were looked at. */
  readonly fullSweep: boolean;
  /** Probes above the tier. */
  readonly probes: readonly string[];
  readonly tiers: readonly Tier[];
  /** The round was ended before every look was taken. */
  readonly cutShort: boolean;
}

export interface SiteObservations {
  readonly epoch: EpochStamp;
  readonly observations: readonly Observation[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** SHA-256, lower-case hex. */
  readonly probeLogHash: string;
  readonly notLookedAt: NotLookedAt;
}

/** @throws ScopeError */
export async function observeSite(options: ObserveSiteOptions): Promise<SiteObservations> {
  const clock = systemClock;
  const startedAtMs = clock.wall();
  const standing = {
    ...stand({
      scope: options.scope,
      exclude: options.exclude ?? [],
      tier: options.tier,
      ...(options.budget === undefined ? {} : { budget: options.budget }),
    }),
    portHints: options.portHints ?? [],
  };
  const outbox = createMemoryOutbox({ now: () => clock.wall() });
  const probeLog = options.probeLog === undefined ? memoryProbeLog() : openProbeLog({ path: options.probeLog });
  const fullSweep = options.fullSweep ?? false;
  const engine = createEngine({
    standing,
    outbox,
    probeLog,
    clock,
    random: options.random ?? Math.random,
    logger: options.logger,
    captures: options.wifi ?? [],
    onAppended: () => {},
    ...(options.interfaces === undefined ? {} : { interfaces: options.interfaces }),
    ...(options.sourceAddress === undefined ? {} : { sourceAddress: options.sourceAddress }),
    once: {
      sweep: fullSweep,
      ...(options.listenMs === undefined ? {} : { listenMs: options.listenMs }),
      onProgress: (looksDone, looksKnown) => options.onProgress?.({ looksDone, looksKnown, hosts: engine.site.hosts.size }),
    },
  });
  try {
    await engine.run(options.signal);
    const observations: Observation[] = [];
    for (let b = outbox.batch(0); b !== undefined; b = outbox.batch(b.end))
      observations.push(...b.observations.map((o) => fromBinary(ObservationSchema, o)));
    const { addresses, leftOut } = searchedAddresses(standing);
    const above = TIERS.slice(TIERS.indexOf(options.tier) + 1);
    return {
      epoch: outbox.epoch,
      observations,
      startedAtMs,
      endedAtMs: clock.wall(),
      probeLogHash: probeLog.hash(),
      notLookedAt: {
        silentAddresses: addresses.filter((a) => !engine.site.hosts.has(a)),
        addressesNotSearched: leftOut,
        untouchedTcpPorts: [...EXCLUDED_PORTS].sort((a, b) => a - b),
        fullSweep,
        probes: PROBES.filter((p) => above.includes(p.tier)).map((p) => p.id),
        tiers: above,
        cutShort: options.signal.aborted,
      },
    };
  } finally {
    probeLog.close();
    outbox.close();
  }
}
