export * from "./arbitrary.ts";
export * from "./batch.ts";
export * from "./stack.ts";
export * from "./test-agent.ts";
export * from "./wait.ts";
