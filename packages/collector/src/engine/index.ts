export { EngineError, type EngineErrorCode, type Exit } from "./child.ts";
export { type ClickHouse, type ClickHouseOptions, startClickHouse } from "./clickhouse.ts";
export { findNatsServer, type Nats, type NatsOptions, type NatsServer, startNats } from "./nats.ts";
