export { assess, RULES_VERSION } from "./assess.ts";
export { CLAUSES, clauseById, ERRATA, STANDARD, WITHDRAWN } from "./catalogue/ts-0014-1@2.ts";
export { level } from "./level.ts";
export { REASON_CODES, reasonText } from "./reason.ts";
export * from "./types.ts";
