/** What `vedette bench` runs. */

export { benchIngest } from "./ingest/index.ts";
export type { BenchReport } from "./report.ts";
export { benchTls } from "./tls.ts";
