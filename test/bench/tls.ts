/** Findings, connections and wall time of the TLS probe beside sslscan's and nmap's, in one run, each through the same counting proxy. */
import { type CountingProxy, startCountingProxy } from "../lab/tls/counting-proxy.ts";
import { pairsOf, probe } from "../lab/tls/probing.ts";
import { isInstalled } from "../lab/tls/program.ts";
import { nmap, type Pair, sslscan } from "../lab/tls/scanners.ts";
import { openLab, PROGRAM_OF, SERVER_NAMES, type ServerName } from "../lab/tls/servers.ts";
import { type BenchReport, benchReport } from "./report.ts";

export interface BenchTlsOptions {
  /** Servers to run against. Default: those whose program is installed. */
  readonly servers?: readonly ServerName[];
  /** Connections at a time to one host. Default 2. */
  readonly lanes?: 1 | 2;
  /** Runs of each scanner, of which the fastest counts. Default 3. */
  readonly runs?: number;
  /** Progress, a line at a time. */
  readonly say?: (line: string) => void;
}

interface Measured {
  readonly pairs: Set<Pair>;
  readonly connections: number;
  readonly ms: number;
}

/** @throws where sslscan, nmap or every server is missing */
export async function benchTls(options: BenchTlsOptions = {}): Promise<BenchReport> {
  const { lanes = 2, runs = 3 } = options;
  for (const program of ["sslscan", "nmap", "openssl"])
    if (!(await isInstalled(program))) throw new Error(`bench tls needs ${program}; install it`);
  const servers = options.servers ?? (await installedServers());
  const lab = await openLab();
  const figures: Record<string, number> = {};
  const connections = { ours: 0, sslscan: 0, nmap: 0 };
  const speeds: Record<"sslscan" | "nmap", number[]> = { sslscan: [], nmap: [] };
  let agreed = 0;
  let union = 0;
  try {
    for (const [i, name] of servers.entries()) {
      options.say?.(`${i + 1} of ${servers.length}: ${name} ...`);
      const server = await lab.start(name);
      const proxy = await startCountingProxy(server.port);
      const ours = await fastest(runs, proxy, async (port) => pairsOf((await probe(port, lanes)).reading));
      // Some scanners wait for time-outs on old servers; one run of those is enough.
      const others = { sslscan: await fastest(name === "nss-old" ? 1 : runs, proxy, sslscan), nmap: await fastest(runs, proxy, nmap) };
      const theirs = others.sslscan.pairs.union(others.nmap.pairs);
      union += ours.pairs.union(theirs).size;
      agreed += ours.pairs.intersection(theirs).size;
      speeds.sslscan.push(others.sslscan.ms / ours.ms);
      speeds.nmap.push(others.nmap.ms / ours.ms);
      for (const [scanner, measured] of Object.entries({ ours, ...others }) as [keyof typeof connections, Measured][]) {
        connections[scanner] += measured.connections;
        figures[`${name}.${scanner}.pairs`] = measured.pairs.size;
        figures[`${name}.${scanner}.connections`] = measured.connections;
        figures[`${name}.${scanner}.ms`] = Math.round(measured.ms);
      }
      await proxy.close();
      await server.close();
    }
  } finally {
    await lab.close();
  }
  const ratios = {
    agreement: agreed / union,
    connectionsToSslscan: connections.ours / connections.sslscan,
    connectionsToNmap: connections.ours / connections.nmap,
    // The median over servers: one on which a scanner only waits would decide a mean.
    speedOverSslscan: median(speeds.sslscan),
    speedOverNmap: median(speeds.nmap),
  };
  return benchReport("tls", figures, ratios, { agreement: { op: ">=", value: 1 }, connectionsToSslscan: { op: "<=", value: 0.7 } });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

async function installedServers(): Promise<ServerName[]> {
  const present = await Promise.all(SERVER_NAMES.map((name) => isInstalled(PROGRAM_OF[name])));
  const servers = SERVER_NAMES.filter((_, i) => present[i]);
  if (servers.length === 0) throw new Error("bench tls needs a TLS server; install nginx");
  return servers;
}

async function fastest(runs: number, proxy: CountingProxy, scan: (port: number) => Promise<Set<Pair>>): Promise<Measured> {
  let best: Measured | undefined;
  for (let run = 0; run < runs; run++) {
    proxy.reset();
    const startedAt = performance.now();
    const pairs = await scan(proxy.port);
    const ms = performance.now() - startedAt;
    if (best === undefined || ms < best.ms) best = { pairs, connections: proxy.connections, ms };
  }
  if (best === undefined) throw new RangeError("runs must be at least 1");
  return best;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await benchTls(), null, 2)}\n`);
