/** What is told of an agent itself: what it could not keep, and that it is heard again. Its silence and its clones are told beside (site.ts). */
import type { GAP } from "@vedette/proto";
import type { Seen } from "./history.ts";
import { cite, occurrenceOf } from "./occurrence.ts";
import type { Silence } from "./timeline-types.ts";
import type { DeriveContext, Occurrence } from "./types.ts";

const GAP_PROBE: typeof GAP = "agent.gap";

interface GapFacts {
  readonly reason: string;
  readonly epoch: string;
  readonly confirmations?: number;
  readonly outcomes?: number;
  readonly changes?: number;
}

/** Observations that will not come, as the agent says; what only came to bear other numbers is not lost. */
export function gapOccurrences(seen: readonly Seen[], hash: DeriveContext["hash"]): Occurrence[] {
  const gaps = seen.flatMap((s) => {
    if (s.probe !== GAP_PROBE || s.facts === null) return [];
    const { reason, epoch, confirmations = 0, outcomes = 0, changes = 0 } = s.facts as unknown as GapFacts;
    if (reason === "renumbered") return [];
    const agent = s.vantage;
    return occurrenceOf(
      "",
      {
        change: "agent-gap",
        at: s.at,
        from: agent,
        to: reason,
        parameters: { agent, gap: reason, epoch, confirmations, outcomes, changes, observation: s.id },
        evidence: [cite(s, s.facts)],
      },
      hash,
    );
  });
  // Two that say the same under one key, as an agent and its copy may, are one thing to tell.
  return [...new Map(gaps.map((gap) => [gap.key, gap])).values()];
}

/** @param reportAfter first report of a vantage after a time, ms; null while it is silent */
export function returnOccurrences(
  silences: readonly Silence[],
  reportAfter: (vantage: string, at: number) => number | null,
  hash: DeriveContext["hash"],
): Occurrence[] {
  const returns = new Map<string, Occurrence>();
  for (const { vantage: agent, since, at } of silences) {
    const back = reportAfter(agent, at);
    if (back === null || returns.has(`${agent}|${back}`)) continue;
    const parameters = { agent, since: new Date(since).toISOString() };
    returns.set(`${agent}|${back}`, occurrenceOf("", { change: "agent-returned", at: back, from: agent, parameters }, hash));
  }
  return [...returns.values()];
}
