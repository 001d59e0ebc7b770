/** The agent's word that it runs. Each states when the next one comes: by a promise that was not kept the centre knows that the agent is offline (docs/semantics.md). */
import { create } from "@bufbuild/protobuf";
import { AgentAlivePostureSchema, AgentAliveVolatileSchema, ALIVE, encodeFacts } from "@vedette/proto";
import type { Logger } from "pino";
import type { Cadence } from "./observe.ts";
import type { Standing } from "./policy.ts";
import type { Clock } from "./probe/probe.ts";
import type { Statement } from "./run.ts";
import { intervalOf, jittered } from "./schedule/interval.ts";
import { AGENT_VERSION } from "./version.ts";

export interface AliveParts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly standing: () => Standing;
  readonly report: (word: Statement, cadence: Cadence) => void;
  readonly logger: Logger;
}

function wordNow(clock: Clock): Statement {
  const posture = create(AgentAlivePostureSchema, { agentVersion: AGENT_VERSION });
  return {
    probe: ALIVE,
    probeVersion: 1,
    tier: "passive",
    subject: { kind: "site" },
    interface: "",
    wallMs: clock.wall(),
    monotonicMs: clock.monotonic(),
    outcome: "identified",
    encoded: encodeFacts(ALIVE, posture, create(AgentAliveVolatileSchema)),
    evidence: [],
    cost: { connections: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 },
    notes: [],
  };
}

/** At once, then at the interval "alive" of the policy, until the signal. */
export async function sayAlive({ clock, random, standing, report, logger }: AliveParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const intervalMs = intervalOf("alive", standing().intervals);
    try {
      report(wordNow(clock), { intervalMs, confirmMs: intervalMs });
    } catch (err) {
      logger.error({ err }, "the outbox did not take that the agent runs");
    }
    await clock.sleep(jittered(intervalMs, random), signal).catch(() => undefined);
  }
}
