export { DRIFT_EXPECTATIONS, type DriftExpectation, EXPECTATIONS, type ExpectedEvent, type PersonaExpectation } from "./expected.ts";
export { PortError } from "./listener.ts";
export { PROFILES, type SeededProfile } from "./profile.ts";
export { DRIFT_IDS, type DriftId } from "./script.ts";
export { type PersonaView, type PortHint, type Site, type SiteLogger, type SiteOptions, startSite } from "./site.ts";
export { type SiteState, StateError } from "./state.ts";
export { BindError } from "./subnet.ts";
export type { Traffic } from "./traffic.ts";
