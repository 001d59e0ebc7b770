/** What the command line and tests use of the collector. */
export { type BackupOptions, type BackupReport, backup } from "./backup/backup.ts";
export { type RestoreOptions, type RestoreReport, restore } from "./backup/restore.ts";
export { type CollectorConfig, type CollectorConfigInput, ConfigError, parseCollectorConfig, readCollectorConfig } from "./config.ts";
export { defaultPolicy, demoPolicy } from "./control/policy.ts";
export { EngineError, type Exit } from "./engine/child.ts";
export { type ClickHouse, startClickHouse } from "./engine/clickhouse.ts";
export { findNatsServer, type Nats, startNats } from "./engine/nats.ts";
export { migrateStore } from "./foundation.ts";
export { readFirstLogin } from "./keys/first-login.ts";
export { KeyError } from "./keys/key-error.ts";
export { type Keys, loadOrMakeKeys } from "./keys/load.ts";
export { type CollectorReady, runCollector } from "./main.ts";
export { openQuarantine, type QuarantineDesk } from "./quarantine/desk.ts";
export { type RebuildReport, rebuild } from "./rebuild.ts";
