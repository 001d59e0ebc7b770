/** One collector with everything embedded: a backlog drained beside the raw pipe, then agents that are online. */
import { startWorld } from "../../kit/index.ts";
import { percentile, percentiles, round } from "../figure.ts";
import { live } from "../live.ts";
import { slope, watchResident } from "../memory.ts";
import { type BenchReport, benchReport } from "../report.ts";
import { addSites } from "../sites.ts";
import { makeBacklog } from "./backlog.ts";
import { drained } from "./drained.ts";
import { rawPipe } from "./raw.ts";

export interface BenchIngestOptions {
  /** In each backlog. Default 100,000. */
  readonly observations?: number;
  /** With agents online. Default 1. */
  readonly minutes?: number;
  /** Progress, a line at a time. */
  readonly say?: (line: string) => void;
}

const SITES = 50;
const LIVE_SITES = 20;
const LOAD = { changes: 20, confirmations: 1_000 };
const MIB = 1_024 ** 2;
const MINUTE_MS = 60_000;
/** Of the time with agents online: their sites are met for the first time, which says nothing of how memory grows. What comes after is told apart too. */
const SETTLE_SHARE = 0.2;

export async function benchIngest({ observations = 100_000, minutes = 1, say = () => {} }: BenchIngestOptions = {}): Promise<BenchReport> {
  const centre = await startWorld();
  try {
    const sites = Array.from({ length: SITES }, (_, i) => `bench-${i + 1}`);
    await addSites(centre, sites);
    const quiet = { sites: SITES, observations, perMessage: 100, confirmations: 95 };
    say(`raw pipe: ${observations} rows ...`);
    const raw = await rawPipe(centre, makeBacklog(centre.tenant, quiet));
    say("collector: devices that nobody knew ...");
    const found = await drained(centre, quiet);
    say("collector: 95 % confirmations ...");
    const confirmed = await drained(centre, quiet);
    say("collector: every observation changed ...");
    const changed = await drained(centre, { ...quiet, confirmations: 0 });
    say("collector: messages of one observation ...");
    const small = await drained(centre, { ...quiet, observations: Math.ceil(observations / 10), perMessage: 1 });
    say(`agents online: ${minutes} min ...`);
    const liveSites = Array.from({ length: LIVE_SITES }, (_, i) => `live-${i + 1}`);
    await addSites(centre, liveSites);
    const memory = watchResident(() => centre.pid("collector"));
    const seen = await live(centre, { sites: liveSites, ...LOAD }, AbortSignal.timeout(minutes * MINUTE_MS));
    const samples = memory.end();
    const lags = seen.map(({ lagMs }) => lagMs);
    const known = lags.slice(Math.floor(lags.length * SETTLE_SHARE));
    const settled = samples.slice(Math.floor(samples.length * SETTLE_SHARE));
    const figures = {
      "raw.rows": raw.rows,
      "raw.bytes": raw.bytes,
      "raw.rowsPerSecond": round(raw.rowsPerSecond),
      "found.storedPerSecond": round(found.storedPerSecond),
      "found.assessedPerSecond": round(found.assessedPerSecond),
      "confirmed.storedPerSecond": round(confirmed.storedPerSecond),
      "confirmed.assessedPerSecond": round(confirmed.assessedPerSecond),
      "changed.storedPerSecond": round(changed.storedPerSecond),
      "changed.assessedPerSecond": round(changed.assessedPerSecond),
      "small.messagesPerSecond": round(small.storedPerSecond),
      "live.changes": lags.length,
      "live.missed": lags.filter((ms) => !Number.isFinite(ms)).length,
      "live.loadPerSecond": LOAD.changes + LOAD.confirmations,
      ...percentiles("live", lags),
      ...percentiles("live.known", known),
      "collector.residentMiB": round((samples.at(-1)?.bytes ?? Number.NaN) / MIB),
      "collector.slopeMiBPerMinute": round(slope(settled) / MIB, 2),
    };
    const ratios = {
      confirmedToRaw: confirmed.storedPerSecond / raw.rowsPerSecond,
      changedPerSecond: changed.storedPerSecond,
      liveP99Seconds: percentile(lags, 0.99) / 1_000,
    };
    return benchReport("ingest", figures, ratios, {
      confirmedToRaw: { op: ">=", value: 0.5 },
      changedPerSecond: { op: ">=", value: 5_000 },
      liveP99Seconds: { op: "<=", value: 2 },
    });
  } finally {
    await centre.close();
  }
}
