-- What was believed when. Never rewritten: a row is known by (bucket, era, seq) and its own key; reads take, per key, the greatest
-- (recorded_at, seq) that is at most knownAt and inside its era's end.

CREATE TABLE IF NOT EXISTS changeset {on_cluster}
(
  bucket UInt16, era UInt32, seq UInt32, recorded_at DateTime64(3, 'UTC'), derived_through DateTime64(3, 'UTC'), code String, hash String, row_count UInt32
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (bucket, era, seq);

-- Opening of an era: every older era of the bucket ends at ended_seq of ended_era.
CREATE TABLE IF NOT EXISTS era {on_cluster}
(
  bucket UInt16, era UInt32, ended_era UInt32, ended_seq UInt32, reason String, opened_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (bucket, era);

CREATE TABLE IF NOT EXISTS belief {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), device String, clause LowCardinality(String), "from" DateTime64(3, 'UTC'),
  status LowCardinality(String), basis LowCardinality(String), code LowCardinality(String), parameters String, evidence String,
  observed_at Nullable(DateTime64(3, 'UTC')), rule_version UInt16, cause LowCardinality(String), initial Bool,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(recorded_at)
ORDER BY (tenant, site, device, clause, "from", recorded_at, bucket, era, seq);

-- Versions of a device as grouping made it; body is its JSON without lastSeenAt. gone: it is no device any more (alias_of says of which).
CREATE TABLE IF NOT EXISTS device {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), device String, founding String, alias_of String, gone Bool, body String,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32,
  INDEX by_device device TYPE bloom_filter GRANULARITY 4
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(recorded_at)
ORDER BY (tenant, site, device, recorded_at, bucket, era, seq);

CREATE TABLE IF NOT EXISTS identifier {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), kind LowCardinality(String), value String, device String,
  joins Bool, cloned Bool, first_seen_at DateTime64(3, 'UTC'), observation String, gone Bool,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (tenant, kind, value, site, device, recorded_at, bucket, era, seq);

-- The row is the event; body is its CloudEvents JSON. key: what it tells of, the same for a later revision of it.
CREATE TABLE IF NOT EXISTS event {on_cluster}
(
  id String, tenant LowCardinality(String), site LowCardinality(String), device String, kind LowCardinality(String), clause LowCardinality(String),
  at DateTime64(3, 'UTC'), key String, revises Array(String), body String,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(recorded_at)
ORDER BY (tenant, site, recorded_at, id, bucket, era, seq);

-- Observations that a verdict or an event cites, whole. No TTL.
CREATE TABLE IF NOT EXISTS evidence {on_cluster}
(
  tenant LowCardinality(String), site LowCardinality(String), observation String, body String,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (tenant, site, observation);

-- What crosses sites: key reuse, moves. withdrawn: it no longer holds.
CREATE TABLE IF NOT EXISTS finding {on_cluster}
(
  tenant LowCardinality(String), id String, kind LowCardinality(String), body String, withdrawn Bool,
  recorded_at DateTime64(3, 'UTC'), bucket UInt16, era UInt32, seq UInt32
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (tenant, id, recorded_at);
