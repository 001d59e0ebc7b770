export * from "./types.ts";
// The standard's own modules, exported as they come to stand: CLAUSES, assess, level, reasonText, RULES_VERSION.
