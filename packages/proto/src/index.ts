export * from "./facts.ts";
export * from "./gen/vedette/v1/control_pb.js";
export * from "./gen/vedette/v1/facts_pb.js";
export * from "./gen/vedette/v1/log_pb.js";
export * from "./gen/vedette/v1/observation_pb.js";
export * from "./gen/vedette/v1/receipt_pb.js";
export * from "./renewal.ts";
export * from "./subject.ts";
