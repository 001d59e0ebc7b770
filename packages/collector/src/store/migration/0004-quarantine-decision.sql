-- What a person did about a message in quarantine. A message of the same id that is stored after decided_at is open again.
-- requeued: taken in, or refused for another reason under another id. dropped: the message was removed; bytes and sha256 say what it was.
CREATE TABLE IF NOT EXISTS quarantine_decision {on_cluster}
(
  tenant LowCardinality(String), id String, action LowCardinality(String),
  site LowCardinality(String), agent LowCardinality(String), epoch String, first UInt32, last UInt32, reason String,
  bytes UInt32, sha256 String,
  author String, why String, decided_at DateTime64(3, 'UTC')
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (tenant, id, action, decided_at);
