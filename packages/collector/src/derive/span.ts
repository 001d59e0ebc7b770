/** Looks as spans of time: the same facts, confirmed before they grew stale. Confirmations then need no thought of their own. */
import type { ProbeId } from "@vedette/proto";
import type { Look } from "@vedette/standard";
import { factsAs } from "./facts.ts";
import type { Seen } from "./history.ts";

/** Reporting intervals that evidence stays fresh after its last confirmation. */
export const FRESH_INTERVALS = 3;

/** One finding of one look, from its first sight to its last confirmation without a gap. */
export interface Span {
  readonly slot: string;
  /** First sight of these facts, also before a gap. */
  readonly first: Seen;
  /** Begin of this span, ms. */
  readonly start: number;
  /** Last confirmation in it, ms, and the interval that it stated. */
  end: number;
  intervalMs: number;
}

/** When its evidence goes stale unless it is confirmed, ms. */
export function expiryOf({ end, intervalMs }: Span): number {
  return end + FRESH_INTERVALS * intervalMs;
}

/**
 * What "the same look" is: vantage, subject, probe, and the list for looks at ports. Null for what is no look at a state: multicast
 * announcements and looks that could not tell.
 */
export function slotOf(seen: Seen): string | null {
  if (seen.probe === "ssdp.notify" || seen.outcome === "undetermined") return null;
  const { subject } = seen;
  const list = factsAs(seen, "tcp.connect")?.list ?? "";
  switch (subject.kind) {
    case "endpoint":
      return `${seen.probe}|${subject.transport}/${subject.port}|${list}`;
    case "host":
      return `${seen.probe}|host|${list}`;
    case "bss":
      return `${seen.probe}|${subject.bssid}|${subject.ssid}`;
    case "site":
      return null;
  }
}

function placeOf(seen: Seen): string {
  const { subject } = seen;
  return `${seen.vantage}|${subject.kind === "endpoint" || subject.kind === "host" ? subject.address : ""}`;
}

/** Puts looks into spans one by one, in time. What it keeps grows with the looks there are, not with their confirmations. */
export class SpanTracks {
  readonly #current = new Map<string, Span>();

  /** The latest span of each look. */
  get current(): Iterable<Span> {
    return this.#current.values();
  }

  /** @returns the span that the look begins or goes on with; null for what is no look at a state */
  take(s: Seen): Span | null {
    const slot = slotOf(s);
    if (slot === null) return null;
    // Silence is followed apart: it does not interrupt what was seen.
    const track = `${placeOf(s)}|${slot}|${s.outcome === "unreachable"}`;
    const before = this.#current.get(track);
    const same = before !== undefined && before.first.content === s.content;
    if (same && s.at <= before.end + FRESH_INTERVALS * before.intervalMs) {
      before.end = s.at;
      before.intervalMs = s.intervalMs;
      return before;
    }
    const span: Span = { slot, first: same ? before.first : s, start: s.at, end: s.at, intervalMs: s.intervalMs };
    this.#current.set(track, span);
    return span;
  }
}

/** @param seen of one device, in time */
export function spansOf(seen: readonly Seen[]): Map<Seen, Span> {
  const tracks = new SpanTracks();
  const out = new Map<Seen, Span>();
  for (const s of seen) {
    const span = tracks.take(s);
    if (span !== null) out.set(s, span);
  }
  return out;
}

export function lookOf(span: Span, facts: Readonly<Record<string, unknown>> | null = span.first.facts): Look {
  const { first } = span;
  const { subject } = first;
  const endpoint: Look["endpoint"] =
    subject.kind === "endpoint"
      ? { address: subject.address, transport: subject.transport, port: subject.port }
      : subject.kind === "bss"
        ? { address: "", transport: "bss", port: 0, bssid: subject.bssid }
        : { address: subject.kind === "host" ? subject.address : "", transport: "host", port: 0 };
  return {
    id: first.baseId,
    probe: first.probe as ProbeId,
    probeVersion: first.base.probeVersion,
    vantage: first.vantage,
    endpoint,
    outcome: first.outcome as Look["outcome"],
    ...(first.fault === null ? {} : { fault: first.fault }),
    observedAt: first.at,
    confirmedAt: span.end,
    intervalMs: span.intervalMs,
    ...(first.outcome === "identified" && facts !== null ? { facts: facts as never } : {}),
  };
}
