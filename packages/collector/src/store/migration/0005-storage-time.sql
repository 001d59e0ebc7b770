-- What came in last is asked for many times a minute: without these every such question reads all of the month.
ALTER TABLE fact {on_cluster} ADD INDEX IF NOT EXISTS by_storage_time stored_at TYPE minmax GRANULARITY 1;

ALTER TABLE fact {on_cluster} MATERIALIZE INDEX IF EXISTS by_storage_time;

ALTER TABLE confirmed {on_cluster} ADD INDEX IF NOT EXISTS by_storage_time stored_at TYPE minmax GRANULARITY 1;

ALTER TABLE confirmed {on_cluster} MATERIALIZE INDEX IF EXISTS by_storage_time;
