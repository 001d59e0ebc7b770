/** Reports: pure functions from what was assessed to documents for people and programs (docs/audit.md). */
export { auditReport } from "./audit-report.ts";
export { type Finding, findingsAt, type Threshold } from "./finding.ts";
export { siteLevel } from "./site-level.ts";
export { LANGUAGES, type Language, summaryLines } from "./summary.ts";
export type * from "./types.ts";
