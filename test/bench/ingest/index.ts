/** One collector with everything embedded: a backlog drained beside the raw pipe, then a generator that runs. */
import { type Centre, startCentre, waitFor } from "../../kit/index.ts";
import { percentile, residentBytes, type Sample, slope } from "../memory.ts";
import { type BenchReport, benchReport } from "../report.ts";
import { type BacklogOptions, makeBacklog, publishBacklog } from "./backlog.ts";
import { live } from "./live.ts";
import { rawPipe } from "./raw.ts";

export interface BenchIngestOptions {
  /** In each backlog. Default 100,000. */
  readonly observations?: number;
  /** Of the generator, s. Default 20. */
  readonly seconds?: number;
  /** Progress, a line at a time. */
  readonly say?: (line: string) => void;
}

const SITES = 50;
const LOAD_PER_S = 1_000;
const DRAIN_MS = 300_000;
const MIB = 1_024 ** 2;

export async function benchIngest({ observations = 100_000, seconds = 20, say = () => {} }: BenchIngestOptions = {}): Promise<BenchReport> {
  const centre = await startCentre();
  try {
    for (let i = 1; i <= SITES; i++) await addSite(centre, `bench-${i}`);
    const quiet = { sites: SITES, observations, perMessage: 100, confirmations: 95 };
    say(`raw pipe: ${observations} rows ...`);
    const raw = await rawPipe(centre, makeBacklog(centre.tenant, quiet));
    say("collector: 95 % confirmations ...");
    const confirmed = await drain(centre, quiet);
    say("collector: every observation changed ...");
    const changed = await drain(centre, { ...quiet, confirmations: 0 });
    say("collector: messages of one observation ...");
    const small = await drain(centre, { ...quiet, observations: Math.ceil(observations / 10), perMessage: 1 });
    say(`generator: ${seconds} s ...`);
    const memory = watchMemory(centre);
    const { changes, lags } = await live(centre, { seconds, load: LOAD_PER_S });
    const samples = memory.end();
    const figures = {
      "raw.rows": raw.rows,
      "raw.bytes": raw.bytes,
      "raw.rowsPerSecond": Math.round(raw.rowsPerSecond),
      "confirmed.observationsPerSecond": Math.round(confirmed),
      "changed.observationsPerSecond": Math.round(changed),
      "small.messagesPerSecond": Math.round(small),
      "live.changes": changes,
      "live.loadPerSecond": LOAD_PER_S,
      "live.p50Ms": percentile(lags, 0.5),
      "live.p95Ms": percentile(lags, 0.95),
      "live.p99Ms": percentile(lags, 0.99),
      "collector.residentMiB": Math.round((samples.at(-1)?.bytes ?? Number.NaN) / MIB),
      "collector.slopeMiBPerMinute": Math.round((slope(samples) / MIB) * 100) / 100,
    };
    const ratios = {
      confirmedToRaw: confirmed / raw.rowsPerSecond,
      changedPerSecond: changed,
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

async function addSite(centre: Centre, id: string): Promise<void> {
  const response = await fetch(`${centre.api.url}api/v1/sites`, {
    method: "POST",
    headers: { authorization: `Bearer ${centre.apiToken}`, "content-type": "application/json" },
    body: JSON.stringify({ id, name: id }),
  });
  if (response.status !== 201) throw new Error(`site ${id} was not made: ${response.status} ${await response.text()}`);
}

/** Publishes while no collector runs, then starts one. Observations per second, from its first insert to its last. */
async function drain(centre: Centre, backlog: BacklogOptions): Promise<number> {
  await centre.stop("collector");
  const before = await count(centre);
  const from = Date.now();
  const sent = makeBacklog(centre.tenant, backlog);
  await publishBacklog(centre, sent);
  const total = sent.reduce((n, { batch }) => n + batch.last - batch.first + 1, 0);
  await centre.start("collector");
  await waitFor("the backlog is stored", async () => (await count(centre)) >= before + total, DRAIN_MS, 250);
  const inserts = await centre.store.query<{ at: number; rows: number }>(
    `SELECT toUnixTimestamp64Milli(stored_at) AS at, count() AS rows FROM observation
     WHERE stored_at >= fromUnixTimestamp64Milli({from:Int64}) GROUP BY at ORDER BY at`,
    { from },
  );
  const first = inserts.at(0);
  const last = inserts.at(-1);
  if (first === undefined || last === undefined || first.at === last.at)
    throw new Error("the backlog is too small to be measured; raise --observations");
  // The time of an insert is its beginning: the last one's rows took theirs after it.
  return ((total - last.rows) / (last.at - first.at)) * 1_000;
}

async function count(centre: Centre): Promise<number> {
  const [row] = await centre.store.query<{ n: number }>("SELECT count() AS n FROM observation");
  return row?.n ?? 0;
}

function watchMemory(centre: Centre): { end(): Sample[] } {
  const samples: Sample[] = [];
  const timer = setInterval(() => {
    const pid = centre.pid("collector");
    if (pid !== null) samples.push({ atMs: performance.now(), bytes: residentBytes(pid) });
  }, 500);
  return {
    end() {
      clearInterval(timer);
      return samples;
    },
  };
}
