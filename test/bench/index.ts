/** What `vedette bench` runs. */

export { benchAgent } from "./agent/index.ts";
export { benchIngest } from "./ingest/index.ts";
export type { BenchReport } from "./report.ts";
export { benchTls } from "./tls.ts";
