export { assess, RULES_VERSION } from "./assess.ts";
export { CLAUSES, clauseById, ERRATA, STANDARD, WITHDRAWN } from "./catalogue/ts-0014-1@2.ts";
export { CHANGE_CODES, eventText, transitionText } from "./event-text.ts";
export { level } from "./level.ts";
export { REASON_CODES, reasonText } from "./reason.ts";
export { AssessInputError, type AssessInputProblem, assessInputJsonSchema, parseAssessInput } from "./schema.ts";
export * from "./types.ts";
