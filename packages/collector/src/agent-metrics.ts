/** How each agent fares, as it last said. Labels are bounded: of more agents than LISTED those that fare worst are shown. */
import { Gauge, type Registry } from "prom-client";
import type { AgentState } from "./control/presence.ts";

export type AgentFigures = AgentState;
type Registers = Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>[];

/** Agents with series of their own; a large fleet must not fill the operator's own store. */
export const LISTED = 500;

/** Offline ones first, then by the age of what has no receipt. */
function worst(agents: readonly AgentFigures[]): readonly AgentFigures[] {
  const rank = (a: AgentFigures) => (a.online ? 0 : 1);
  const oldest = (a: AgentFigures) => a.report?.oldestUnreceiptedMs ?? 0;
  return agents.toSorted((a, b) => rank(b) - rank(a) || oldest(b) - oldest(a)).slice(0, LISTED);
}

type Figure = readonly [name: string, help: string, value: (agent: AgentFigures) => number | null];

const FIGURES: readonly Figure[] = [
  ["vedette_agent_online", "1 while the agent is heard, 0 after 45 s of silence", (a) => (a.online ? 1 : 0)],
  ["vedette_agent_heard_timestamp_seconds", "When the agent was heard last", (a) => a.lastHeardAt / 1000],
  [
    "vedette_agent_oldest_unreceipted_seconds",
    "Age of the oldest observation without receipt, as the agent last said",
    (a) => (a.report === null ? null : a.report.oldestUnreceiptedMs / 1000),
  ],
  ["vedette_agent_outbox_observations", "Observations in the agent's outbox", (a) => a.report?.outboxDepth ?? null],
  ["vedette_agent_outbox_bytes", "Size of the agent's outbox", (a) => a.report?.outboxBytes ?? null],
  [
    "vedette_agent_clock_offset_seconds",
    "The agent's wall clock minus ours when its report came; the way here is in it",
    (a) => (a.report === null ? null : a.report.clockOffsetMs / 1000),
  ],
];

export function agentGauges(registers: Registers, agents: () => readonly AgentFigures[]): void {
  for (const [name, help, value] of FIGURES) {
    new Gauge({
      name,
      help,
      labelNames: ["tenant", "site", "agent"],
      registers,
      collect() {
        this.reset();
        for (const agent of worst(agents())) {
          const figure = value(agent);
          const { tenant, site, agent: id } = agent.identity;
          if (figure !== null) this.set({ tenant, site, agent: id }, figure);
        }
      },
    });
  }
  new Gauge({
    name: "vedette_agents_unlisted",
    help: `Agents beyond the ${LISTED} that have series of their own`,
    registers,
    collect() {
      this.set(Math.max(0, agents().length - LISTED));
    },
  });
}
