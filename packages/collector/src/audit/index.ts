/** What an audit needs of the collector: the same derive code and the API's shapes, without engines (docs/audit.md). */
export type { DeviceDetail } from "../api/shape.ts";
export type { Decisions } from "../derive/types.ts";
export { attestation as attestationBody, profile as profileBody } from "../document/kinds.ts";
export { type Round, storedRound } from "./observed.ts";
export { presentOf, type RoundBss, type RoundDevice, type RoundPresent } from "./present.ts";
