-- What was seen and what people decided. Append-only; reads collapse by identity, so a row inserted twice never shows twice.
-- What stands in braces is filled in by placeholder.ts: nothing and NAME on one server, ON CLUSTER and ReplicatedNAME on a cluster.

CREATE TABLE IF NOT EXISTS observation {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), agent LowCardinality(String),
  epoch String, epoch_created_at DateTime64(3, 'UTC'), seq UInt32,
  content_hash String,
  probe LowCardinality(String), probe_version UInt16, tier LowCardinality(String),
  subject_kind LowCardinality(String), server_address String, network_transport LowCardinality(String), server_port UInt16,
  bssid String, ssid String,
  link_address String, interface LowCardinality(String),
  wall_at DateTime64(3, 'UTC'), offset_ms Nullable(Float64), uncertainty_ms Nullable(Float64), monotonic_ms Float64, boot_id LowCardinality(String),
  outcome LowCardinality(String), fault_phase LowCardinality(String), fault_code LowCardinality(String), fault_message String,
  facts_hash String, posture String, volatile String, facts String,
  confirm_epoch String, confirm_seq UInt32,
  interval_ms UInt32,
  evidence String,
  connections UInt32, bytes_in UInt32, bytes_out UInt32, duration_ms UInt32,
  agent_version LowCardinality(String),
  stored_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(stored_at)
ORDER BY (tenant, site, agent, epoch, seq, content_hash, stored_at)
TTL toDateTime(stored_at) + INTERVAL {observation_ttl_days} DAY;

-- Observations that carry facts or say that a look ended otherwise. Kept.
CREATE TABLE IF NOT EXISTS fact {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), agent LowCardinality(String),
  epoch String, epoch_created_at DateTime64(3, 'UTC'), seq UInt32, content_hash String,
  probe LowCardinality(String), probe_version UInt16, tier LowCardinality(String),
  subject_kind LowCardinality(String), server_address String, network_transport LowCardinality(String), server_port UInt16,
  bssid String, ssid String, link_address String, interface LowCardinality(String),
  wall_at DateTime64(3, 'UTC'), offset_ms Nullable(Float64), uncertainty_ms Nullable(Float64),
  outcome LowCardinality(String), fault_phase LowCardinality(String), fault_code LowCardinality(String),
  facts_hash String, facts String, interval_ms UInt32,
  stored_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(stored_at)
ORDER BY (tenant, site, agent, epoch, seq, content_hash, stored_at);

CREATE MATERIALIZED VIEW IF NOT EXISTS fact_from_observation {on_cluster} TO fact AS
SELECT tenant, site, agent, epoch, epoch_created_at, seq, content_hash, probe, probe_version, tier, subject_kind, server_address,
  network_transport, server_port, bssid, ssid, link_address, interface, wall_at, offset_ms, uncertainty_ms, outcome, fault_phase,
  fault_code, facts_hash, facts, interval_ms, stored_at
FROM observation WHERE confirm_epoch = '';

-- Confirmations: one narrow row each. Kept.
CREATE TABLE IF NOT EXISTS confirmed {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), agent LowCardinality(String),
  epoch String, epoch_created_at DateTime64(3, 'UTC'), seq UInt32, content_hash String,
  probe LowCardinality(String), probe_version UInt16, tier LowCardinality(String),
  subject_kind LowCardinality(String), server_address String, network_transport LowCardinality(String), server_port UInt16,
  bssid String, ssid String, link_address String, interface LowCardinality(String),
  wall_at DateTime64(3, 'UTC'), offset_ms Nullable(Float64), uncertainty_ms Nullable(Float64), outcome LowCardinality(String),
  facts_hash String, confirm_epoch String, confirm_seq UInt32, interval_ms UInt32,
  stored_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(stored_at)
ORDER BY (tenant, site, agent, epoch, seq, content_hash, stored_at);

CREATE MATERIALIZED VIEW IF NOT EXISTS confirmed_from_observation {on_cluster} TO confirmed AS
SELECT tenant, site, agent, epoch, epoch_created_at, seq, content_hash, probe, probe_version, tier, subject_kind, server_address,
  network_transport, server_port, bssid, ssid, link_address, interface, wall_at, offset_ms, uncertainty_ms, outcome, facts_hash,
  confirm_epoch, confirm_seq, interval_ms, stored_at
FROM observation WHERE confirm_epoch != '';

-- Epochs, written when first seen and before their rows. created_at: the agent's claim, corrected by the offset it had measured then;
-- of several rows the earliest stored one counts, so that the order of an agent's epochs never changes.
CREATE TABLE IF NOT EXISTS epoch {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), agent LowCardinality(String), epoch String,
  created_at DateTime64(3, 'UTC'), stored_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (tenant, site, agent, epoch, stored_at);

-- Decisions, one hash chain per tenant. Secret fields are sealed before they come here.
CREATE TABLE IF NOT EXISTS document {on_cluster}
(
  tenant LowCardinality(String), seq UInt32, kind LowCardinality(String), id String, body String, deleted Bool,
  author String, decided_at DateTime64(3, 'UTC'), previous String, hash String, encoded String
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (tenant, seq, hash);

-- What could not be decoded or was refused, whole.
CREATE TABLE IF NOT EXISTS quarantine {on_cluster}
(
  id String, tenant LowCardinality(String), site LowCardinality(String), agent LowCardinality(String),
  epoch String, first UInt32, last UInt32, reason String, message String, stored_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(stored_at)
ORDER BY (tenant, id);
