/** Deriving: from what was seen and decided to devices, beliefs and events. Pure code; docs/derive.md. */
export { asKnown, type RecordedBelief } from "./bitemporal.ts";
export { withCorrectionTold } from "./correction.ts";
export { type DifferenceContext, difference, isSeenAnew } from "./difference.ts";
export { evidenceBody, type ObservationLookup } from "./evidence.ts";
export { observationId, vantageOf } from "./history.ts";
export { LiveSite } from "./live-site.ts";
export * from "./row.ts";
export { deriveSite } from "./site.ts";
export { applyRows, knownOf, NOTHING_STORED, type StoredDevice, type StoredEvent, type StoredPresent } from "./stored.ts";
export { StoredSite } from "./stored-site.ts";
export { apiDevice } from "./summary.ts";
export * from "./types.ts";
