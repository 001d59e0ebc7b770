-- The present, for screens: rebuilt from history at any time. Readers take the bucket's newest complete era.

CREATE TABLE IF NOT EXISTS state {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), device String, clause LowCardinality(String),
  status LowCardinality(String), basis LowCardinality(String), code LowCardinality(String), parameters String,
  since DateTime64(3, 'UTC'), observed_at Nullable(DateTime64(3, 'UTC')), gone Bool,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32, version UInt64 MATERIALIZED bitShiftLeft(toUInt64(era), 32) + seq
)
ENGINE = {engine:ReplacingMergeTree(version)}
ORDER BY (tenant, site, device, clause);

-- One row a device; body is the device of the API.
CREATE TABLE IF NOT EXISTS summary {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), device String,
  name String, class LowCardinality(String), membership LowCardinality(String), vendor String, model String, firmware String,
  addresses Array(String), failing Array(LowCardinality(String)), proven Nullable(UInt8), possible Nullable(UInt8),
  status LowCardinality(String), first_seen_at DateTime64(3, 'UTC'), last_seen_at DateTime64(3, 'UTC'), vanished_at Nullable(DateTime64(3, 'UTC')),
  body String, gone Bool,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32, version UInt64 MATERIALIZED bitShiftLeft(toUInt64(era), 32) + seq,
  INDEX by_device device TYPE bloom_filter GRANULARITY 4
)
ENGINE = {engine:ReplacingMergeTree(version)}
ORDER BY (tenant, site, device);

CREATE TABLE IF NOT EXISTS bss {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), bssid String, ssid String, device String, facts String,
  observed_at DateTime64(3, 'UTC'), gone Bool,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32, version UInt64 MATERIALIZED bitShiftLeft(toUInt64(era), 32) + seq
)
ENGINE = {engine:ReplacingMergeTree(version)}
ORDER BY (tenant, site, bssid, ssid);
