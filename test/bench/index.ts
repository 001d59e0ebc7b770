/** What `vedette bench` runs. */
export type { BenchReport } from "./report.ts";
export { benchTls } from "./tls.ts";
