/** Which ports were looked at, and when last. */
import type { Coverage } from "@vedette/standard";
import { factsAs } from "./facts.ts";
import type { Span } from "./span.ts";

export function coverageOf(spans: readonly Span[]): Coverage {
  const tcp: { first: number; last: number; at: number }[] = [];
  let completeSweepAt: number | null = null;
  for (const span of spans) {
    const facts = factsAs(span.first, "tcp.connect");
    if (facts === null) continue;
    for (const r of facts.covered) tcp.push({ first: r.first, last: r.last, at: span.end });
    if (facts.completeSweep) completeSweepAt = Math.max(completeSweepAt ?? 0, span.end);
  }
  return { tcp: tcp.sort((a, b) => a.first - b.first || a.last - b.last || a.at - b.at), completeSweepAt };
}
