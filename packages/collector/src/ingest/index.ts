export { BatchError, decodeBatch, MAX_BATCH_BYTES, MAX_OBSERVATIONS } from "./decode.ts";
export { Ingest, type IngestMetrics, type IngestOptions, type SiteName } from "./ingest.ts";
