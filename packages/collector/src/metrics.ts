/** What an operator is told, in OpenMetrics; docs/metrics.md says what to do about each. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { DeriveWorker, WorkerMetrics } from "./bucket/worker.ts";
import type { IngestMetrics } from "./ingest/index.ts";

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

export interface Metrics {
  readonly ingest: IngestMetrics;
  readonly worker: WorkerMetrics;
  /** Read when somebody asks. */
  watch(worker: () => DeriveWorker | null): void;
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
  const sweptDevices = new Counter({ name: "vedette_sweep_devices", help: "Devices derived anew by the sweep", registers });
  const corrections = new Counter({
    name: "vedette_sweep_corrections",
    help: "Rows that the sweep had to correct; anything but 0 is a fault of ours",
    registers,
  });
  let worker: () => DeriveWorker | null = () => null;
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
    },
    worker: {
      derived: (_bucket, lagMs) => lag.observe(lagMs / 1000),
      stepped: (_bucket, durationMs) => step.observe(durationMs / 1000),
      swept(devices, rows) {
        sweptDevices.inc(devices);
        corrections.inc(rows);
      },
      failed: () => failed.inc(),
    },
    watch(of) {
      worker = of;
    },
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
