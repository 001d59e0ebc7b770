/** What an operator is told, in OpenMetrics; docs/metrics.md says what to do about each. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type AgentFigures, agentGauges } from "./agent-metrics.ts";
import type { DeriveWorker, WorkerMetrics } from "./bucket/worker.ts";
import type { IngestMetrics } from "./ingest/index.ts";

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

/** What is asked of the store at a scrape. */
export interface StoreLook {
  /** Messages in quarantine that nobody has decided on, per tenant. */
  readonly quarantined: ReadonlyMap<string, number>;
  /** Bucket → newest storage time of an observation of the last hour, ms since 1970. */
  readonly storedThrough: ReadonlyMap<number, number>;
  /** Observations that agents gave up in the last 24 h, per tenant. */
  readonly givenUp: ReadonlyMap<string, number>;
}

export interface Metrics {
  readonly ingest: IngestMetrics;
  readonly worker: WorkerMetrics;
  /** Read when somebody asks. */
  watch(worker: () => DeriveWorker | null): void;
  watchAgents(agents: () => readonly AgentFigures[]): void;
  watchStore(look: () => Promise<StoreLook | null>): void;
  /** A connection to the broker stands again. */
  reconnected(): void;
  text(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [registry];
  const stored = new Counter({ name: "vedette_observations_stored", help: "Observations stored", labelNames: ["tenant"], registers });
  const refused = new Counter({
    name: "vedette_observations_refused",
    help: "Observations refused and quarantined",
    labelNames: ["tenant"],
    registers,
  });
  const insertFailed = new Counter({
    name: "vedette_insert_failures",
    help: "Inserts that were not confirmed",
    labelNames: ["code"],
    registers,
  });
  const lag = new Histogram({ name: "vedette_derive_lag_seconds", help: "From stored to visible", buckets: SECONDS, registers });
  const step = new Histogram({ name: "vedette_derive_step_seconds", help: "One step of a bucket", buckets: SECONDS, registers });
  const failed = new Counter({ name: "vedette_bucket_failures", help: "Steps that failed and were tried again", registers });
  const fenced = new Counter({
    name: "vedette_bucket_fenced",
    help: "Steps refused because another collector had published to the bucket, or a later era had been opened",
    registers,
  });
  const sweptDevices = new Counter({ name: "vedette_sweep_devices", help: "Devices derived anew by the sweep", registers });
  const corrections = new Counter({
    name: "vedette_sweep_corrections",
    help: "Rows that the sweep had to correct; anything but 0 is a fault of ours",
    registers,
  });
  const receipts = new Counter({ name: "vedette_receipts", help: "Receipts sent to agents", labelNames: ["tenant"], registers });
  const insert = new Histogram({
    name: "vedette_insert_seconds",
    help: "From the first attempt of an insert to its confirmation",
    buckets: SECONDS,
    registers,
  });
  const reconnects = new Counter({
    name: "vedette_nats_reconnects",
    help: "Connections to the broker that were lost and stand again",
    registers,
  });
  let worker: () => DeriveWorker | null = () => null;
  let agents: () => readonly AgentFigures[] = () => [];
  let look: () => Promise<StoreLook | null> = async () => null;
  agentGauges(registers, () => agents());
  new Gauge({
    name: "vedette_quarantined",
    help: "Messages in quarantine that nobody has decided on",
    labelNames: ["tenant"],
    registers,
    async collect() {
      this.reset();
      for (const [tenant, n] of (await look())?.quarantined ?? []) this.set({ tenant }, n);
    },
  });
  new Gauge({
    name: "vedette_observations_given_up",
    help: "Observations that agents gave up in the last 24 h, as their gap records say",
    labelNames: ["tenant"],
    registers,
    async collect() {
      this.reset();
      for (const [tenant, n] of (await look())?.givenUp ?? []) this.set({ tenant }, n);
    },
  });
  new Gauge({
    name: "vedette_bucket_stored_timestamp_seconds",
    help: "Newest storage time of an observation of each bucket, of the last hour",
    labelNames: ["bucket"],
    registers,
    async collect() {
      this.reset();
      for (const [bucket, at] of (await look())?.storedThrough ?? []) this.set({ bucket }, at / 1000);
    },
  });
  new Gauge({
    name: "vedette_bucket_derived_timestamp_seconds",
    help: "Storage time through which each held bucket is derived",
    labelNames: ["bucket"],
    registers,
    collect() {
      this.reset();
      for (const holder of worker()?.holders ?? []) this.set({ bucket: holder.bucket }, holder.derivedThrough / 1000);
    },
  });
  new Gauge({
    name: "vedette_bucket_applied_timestamp_seconds",
    help: "When the last changeset of each held bucket became visible: its closed time",
    labelNames: ["bucket"],
    registers,
    collect() {
      this.reset();
      for (const holder of worker()?.holders ?? [])
        if (holder.closedAt !== null) this.set({ bucket: holder.bucket }, holder.closedAt / 1000);
    },
  });
  new Gauge({
    name: "vedette_bucket_closed_age_seconds",
    help: "Age of the closed time of each held bucket",
    labelNames: ["bucket"],
    registers,
    collect() {
      this.reset();
      for (const holder of worker()?.holders ?? [])
        if (holder.closedAt !== null) this.set({ bucket: holder.bucket }, (Date.now() - holder.closedAt) / 1000);
    },
  });
  new Gauge({
    name: "vedette_bucket_devices",
    help: "Devices of each held bucket",
    labelNames: ["bucket"],
    registers,
    collect() {
      this.reset();
      for (const holder of worker()?.holders ?? []) this.set({ bucket: holder.bucket }, holder.devices);
    },
  });
  new Gauge({
    name: "vedette_resident_bytes",
    help: "Memory of this process",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  return {
    ingest: {
      stored: (tenant, rows) => stored.inc({ tenant }, rows),
      refused: (tenant, observations) => refused.inc({ tenant }, observations),
      insertFailed: (code) => insertFailed.inc({ code: code ?? "none" }),
      insertConfirmed: (tookMs) => insert.observe(tookMs / 1000),
      receiptSent: (tenant) => receipts.inc({ tenant }),
    },
    worker: {
      derived: (_bucket, lagMs) => lag.observe(lagMs / 1000),
      stepped: (_bucket, durationMs) => step.observe(durationMs / 1000),
      swept(devices, rows) {
        sweptDevices.inc(devices);
        corrections.inc(rows);
      },
      failed: () => failed.inc(),
      fenced: () => fenced.inc(),
    },
    watch(of) {
      worker = of;
    },
    watchAgents(of) {
      agents = of;
    },
    watchStore(of) {
      look = of;
    },
    reconnected: () => reconnects.inc(),
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
