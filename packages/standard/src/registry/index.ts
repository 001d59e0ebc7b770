export * from "./names.ts";
export * from "./ports.ts";
export * from "./tls.ts";
export { REGISTERED_SUITES, SUITE_NAMES } from "./tls-suites.ts";
export * from "./wifi.ts";
