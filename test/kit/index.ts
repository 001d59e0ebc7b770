export * from "./arbitrary.ts";
export * from "./batch.ts";
export * from "./persona.ts";
export * from "./rest.ts";
export * from "./stack.ts";
export * from "./test-agent.ts";
export * from "./up.ts";
export * from "./wait.ts";
