/** What `vedette bench` runs. */

export { benchAgent } from "./agent/index.ts";
export { benchDrain } from "./drain/index.ts";
export { benchDrift } from "./drift.ts";
export { benchIngest } from "./ingest/index.ts";
export type { BenchReport } from "./report.ts";
export { benchTls } from "./tls.ts";
