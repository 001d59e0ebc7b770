/** One run of a TLS probe against loopback, through the real door with a budget that does not slow it. */
import { createBudget } from "../../../packages/agent/src/net/budget.ts";
import { systemClock } from "../../../packages/agent/src/net/clock.ts";
import { createDoor } from "../../../packages/agent/src/net/door.ts";
import { memoryProbeLog } from "../../../packages/agent/src/net/probe-log.ts";
import { parseScope } from "../../../packages/agent/src/net/scope.ts";
import type { Reading } from "../../../packages/agent/src/probe/probe.ts";
import { tlsHandshake } from "../../../packages/agent/src/probe/tls/probe.ts";
import { type Pair, pair } from "./scanners.ts";

const NO_LIMIT = 100_000;

export interface Probing {
  readonly reading: Reading<"tls.handshake">;
  readonly connections: number;
}

export async function probe(port: number, lanes: 1 | 2 = 1): Promise<Probing> {
  const door = createDoor({
    scope: parseScope({ include: ["127.0.0.1/32"] }),
    budget: createBudget(systemClock, {
      sitePerSecond: NO_LIMIT,
      hostPerSecond: NO_LIMIT,
      sweepHostPerSecond: NO_LIMIT,
      hostConcurrent: 1,
      sweepAttempts: 32,
    }),
    clock: systemClock,
    log: memoryProbeLog(),
    interfaces: [],
  });
  const signal = AbortSignal.timeout(120_000);
  const dial = door.forProbe(signal, { probe: tlsHandshake.id, target: `127.0.0.1:${port}` });
  try {
    const context = { signal, dial, clock: systemClock, note: () => undefined, evidence: () => undefined };
    const reading = await tlsHandshake.run({ address: "127.0.0.1", port }, tlsHandshake.options.parse({ lanes }), context);
    return { reading, connections: dial.spent.connections };
  } finally {
    dial.close();
  }
}

export function pairsOf(reading: Reading<"tls.handshake">): Set<Pair> {
  if (reading.outcome !== "identified") throw new Error(`the probe gave ${reading.outcome}: ${reading.fault.code}`);
  return new Set(reading.result.posture.versions.flatMap(({ version, suites }) => suites.map((suite) => pair(version, suite.id))));
}
