/** The looks of an input as rules read them: what is fresh, what has expired, and what became of each port. */
import type { ProbeId } from "@vedette/proto";
import { EXCLUDED_PORTS } from "../registry/ports.ts";
import type { AssessInput, Look } from "../types.ts";

/** Evidence is fresh for three reporting intervals after its last confirmation. */
const FRESH_INTERVALS = 3;
/** Coverage without a look of its own counts like one at the default interval of its list: daily ports, monthly sweep. */
const DAY_MS = 86_400_000;
const COVERAGE_FRESH_MS = FRESH_INTERVALS * DAY_MS;
const SWEEP_FRESH_MS = FRESH_INTERVALS * 30 * DAY_MS;

export function freshUntil(look: Look): number {
  return look.confirmedAt + FRESH_INTERVALS * look.intervalMs;
}

export interface OpenPort {
  readonly port: number;
  readonly protocol: string;
  readonly banner: string;
  readonly look: Look<"tcp.connect">;
}

export interface View {
  readonly at: number;
  /** Fresh looks of one probe, in a fixed order. */
  fresh<P extends ProbeId>(probe: P): readonly Look<P>[];
  /** Identified once, expired, and not superseded by a later look of the same endpoint by one of these probes. */
  stale(probes: readonly ProbeId[]): readonly Look[];
  /** Every TCP port that any vantage finds open, by its latest look at that port. Sorted by port. */
  readonly openPorts: readonly OpenPort[];
  portState(port: number): "open" | "closed" | "unlooked";
  /** A fresh look that covered the port and did not find it open. */
  closedLook(port: number): Look<"tcp.connect"> | null;
  /** Every port outside the published exclusion list was looked at, and that still holds. */
  readonly completeSweep: boolean;
  /** What a complete sweep is cited by: the sweep itself, or the looks at ports since, each naming the sweep's time. */
  readonly sweepLooks: readonly Look<"tcp.connect">[];
  /** Times at which what is fresh now expires; reading the view fills it. */
  readonly changes: Set<number>;
}

function identified<P extends ProbeId>(look: Look<P>): boolean {
  return look.outcome === "identified" && look.facts !== undefined;
}

function place(look: Look): string {
  return `${look.endpoint.address}|${look.endpoint.transport}|${look.endpoint.port}|${look.endpoint.bssid ?? ""}`;
}

function compare(a: Look, b: Look): number {
  const text = (l: Look) => `${l.endpoint.bssid ?? ""}|${l.endpoint.address}|${l.vantage}|${l.id}`;
  return a.endpoint.port - b.endpoint.port || (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0) || a.observedAt - b.observedAt;
}

function covers(look: Look<"tcp.connect">, port: number): boolean {
  return look.facts?.covered.some((r) => r.first <= port && port <= r.last) ?? false;
}

/** Latest finding of each port per vantage and address: a later look that covers the port and finds it shut ends the earlier one. */
function openPorts(looks: readonly Look<"tcp.connect">[]): OpenPort[] {
  const open: OpenPort[] = [];
  for (const look of looks) {
    for (const found of look.facts?.open ?? []) {
      const superseded = looks.some(
        (other) =>
          other !== look &&
          other.vantage === look.vantage &&
          other.endpoint.address === look.endpoint.address &&
          other.confirmedAt > look.confirmedAt &&
          covers(other, found.port) &&
          !other.facts?.open.some((p) => p.port === found.port),
      );
      if (!superseded) open.push({ port: found.port, protocol: found.protocol, banner: found.banner, look });
    }
  }
  // A look without first bytes (presence) finds the port open and says nothing more: where another look heard a greeting, that holds.
  const greeted = new Set(open.filter((p) => p.protocol !== "").map((p) => `${p.look.endpoint.address}|${p.port}`));
  const telling = open.filter((p) => p.protocol !== "" || !greeted.has(`${p.look.endpoint.address}|${p.port}`));
  return telling.sort((a, b) => a.port - b.port || compare(a.look, b.look));
}

/** A look at ports whose every finding another list still bears out has nothing of its own that could expire. */
function allStillOpen(look: Look, open: ReadonlySet<number>): boolean {
  return look.probe === "tcp.connect" && ((look as Look<"tcp.connect">).facts?.open.every((p) => open.has(p.port)) ?? true);
}

export function viewOf(input: AssessInput): View {
  const { at } = input;
  const changes = new Set<number>();
  const sorted = [...input.endpoints].sort(compare);
  const freshLooks = sorted.filter((l) => at < freshUntil(l));
  const fresh = <P extends ProbeId>(probe: P) => {
    const looks = freshLooks.filter((l) => l.probe === probe);
    for (const look of looks) changes.add(freshUntil(look));
    return looks as unknown as readonly Look<P>[];
  };
  const connects = fresh("tcp.connect").filter(identified);
  const open = openPorts(connects);
  const openSet = new Set(open.map((p) => p.port));
  const stale = (probes: readonly ProbeId[]) => {
    const own = sorted.filter((l) => probes.includes(l.probe));
    const standing = own.filter((l) => at < freshUntil(l) && l.outcome !== "unreachable");
    return own.filter((l) => {
      if (!identified(l) || at < freshUntil(l)) return false;
      const here = standing.filter((other) => place(other) === place(l));
      return !here.some((other) => other.confirmedAt >= l.confirmedAt) && !(here.length > 0 && allStillOpen(l, openSet));
    });
  };
  const ranges = input.coverage.tcp.filter((r) => at < r.at + COVERAGE_FRESH_MS);
  for (const r of ranges) changes.add(r.at + COVERAGE_FRESH_MS);
  const sweepAt = input.coverage.completeSweepAt;
  const sweptByCoverage = sweepAt !== null && at < sweepAt + SWEEP_FRESH_MS;
  if (sweptByCoverage) changes.add(sweepAt + SWEEP_FRESH_MS);
  // Coverage alone cites nothing: a look at ports that still holds must stand beside it.
  const sweeps = connects.filter((l) => l.facts?.completeSweep === true);
  const completeSweep = (sweptByCoverage && connects.length > 0) || sweeps.length > 0;
  const excluded = new Set(EXCLUDED_PORTS);

  return {
    at,
    fresh,
    stale,
    openPorts: open,
    portState(port) {
      if (openSet.has(port)) return "open";
      const looked =
        connects.some((l) => covers(l, port)) ||
        ranges.some((r) => r.first <= port && port <= r.last) ||
        (completeSweep && !excluded.has(port));
      return looked ? "closed" : "unlooked";
    },
    closedLook: (port) => connects.find((l) => covers(l, port)) ?? null,
    completeSweep,
    sweepLooks: sweeps.length > 0 ? sweeps : connects,
    changes,
  };
}
