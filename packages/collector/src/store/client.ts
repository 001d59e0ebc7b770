/** The connection to ClickHouse: one server or a cluster, the embedded child or another's. */
import { type ClickHouseSettings, createClient } from "@clickhouse/client";
import { answerOf, errorCode, silenceOf } from "./away.ts";
import { databaseOf, placesOf, type StoreOptions } from "./place.ts";
import { onCluster } from "./placeholder.ts";

export type { StoreOptions } from "./place.ts";

export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads and writes rows. Query parameters stand in the SQL as `{name:Type}`; times go in and out as ISO 8601 (time.ts).
 * Statements throw ClickHouseError where the server refuses, StoreSilentError where it does not answer.
 */
export interface Store {
  readonly database: string;
  query<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** As query, without holding all rows in memory. */
  stream<Row>(sql: string, parameters?: Parameters): AsyncIterable<Row>;
  /** One insert, on disk when it resolves. Nothing for no rows. */
  insert(table: string, rows: readonly object[]): Promise<void>;
  /** As insert, each row as the values of these columns: half the bytes where rows are many and wide. */
  insertValues(table: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): Promise<void>;
  command(sql: string, parameters?: Parameters): Promise<void>;
  /** Deletes rows on whichever servers they lie. */
  delete(table: string, where: string): Promise<void>;
  /** True when the server answers a query; of a cluster, when every shard does. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

const SETTINGS: ClickHouseSettings = {
  date_time_input_format: "best_effort",
  date_time_output_format: "iso",
  output_format_json_quote_64bit_integers: 0,
  // A misspelt column is our bug and must not be dropped in silence.
  input_format_skip_unknown_fields: 0,
  async_insert: 0,
  // Rows carry their identity. The server's own deduplication has lost rows after a crash (docs/storage.md).
  insert_deduplicate: 0,
  deduplicate_blocks_in_dependent_materialized_views: 0,
  optimize_aggregation_in_order: 1,
  max_execution_time: 120,
};

/** Over several shards an insert is confirmed when each of them has its rows, and a table in a subquery is read as a whole. */
const SHARDED_SETTINGS: ClickHouseSettings = {
  distributed_foreground_insert: 1,
  distributed_product_mode: "global",
};

/** With replicas an insert is confirmed by a majority and a read sees all that was confirmed. */
const REPLICATED_SETTINGS: ClickHouseSettings = {
  ...SHARDED_SETTINGS,
  insert_quorum: "auto",
  insert_quorum_parallel: 0,
  select_sequential_consistency: "1",
  insert_keeper_max_retries: "3",
};

function settingsOf({ cluster, shards }: StoreOptions): ClickHouseSettings {
  if (cluster === undefined) return SETTINGS;
  return { ...SETTINGS, ...(shards === undefined ? REPLICATED_SETTINGS : SHARDED_SETTINGS) };
}

export function openStore(o: StoreOptions): Store {
  const database = databaseOf(o);
  const client = createClient({
    url: o.url,
    username: o.user,
    password: o.password,
    database,
    application: "vedette",
    request_timeout: o.timeoutMs ?? 150_000,
    max_open_connections: o.connections ?? 10,
    // The embedded server keeps an idle connection for 1 s: give ours up first, or a request meets a closed socket.
    keep_alive: { enabled: true, idle_socket_ttl: 500 },
    clickhouse_settings: settingsOf(o),
    // Long lists of ids do not fit a URL.
    use_multipart_params_auto: true,
    log: { level: 127 },
  });
  const select = (sql: string, parameters: Parameters | undefined) =>
    client.query({ query: sql, format: "JSONEachRow", ...(parameters === undefined ? {} : { query_params: { ...parameters } }) });
  return {
    database,
    async query<Row>(sql: string, parameters?: Parameters): Promise<Row[]> {
      return answerOf(select(sql, parameters).then((result) => result.json<Row>()));
    },
    async *stream<Row>(sql: string, parameters?: Parameters): AsyncGenerator<Row> {
      try {
        const result = await select(sql, parameters);
        for await (const rows of result.stream<Row>()) {
          for (const row of rows) yield row.json() as Row;
        }
      } catch (error) {
        throw silenceOf(error);
      }
    },
    async insert(table, rows) {
      if (rows.length === 0) return;
      await answerOf(client.insert({ table, values: rows as object[], format: "JSONEachRow" }));
    },
    async insertValues(table, columns, rows) {
      const [first, ...others] = columns;
      if (rows.length === 0 || first === undefined) return;
      await answerOf(client.insert({ table, columns: [first, ...others], values: rows, format: "JSONCompactEachRow" }));
    },
    async command(sql, parameters) {
      await answerOf(client.command({ query: sql, ...(parameters === undefined ? {} : { query_params: { ...parameters } }) }));
    },
    async delete(table, where) {
      for (const place of placesOf(o)) {
        const there = openStore(place);
        try {
          await there.command(`DELETE FROM ${table} ${onCluster(place.cluster ?? null)} WHERE ${where}`);
        } finally {
          await there.close();
        }
      }
    },
    async ready() {
      const { success } = await client.ping({ select: true });
      if (!success || o.cluster === undefined) return success;
      return client.command({ query: `SELECT count() FROM cluster('${o.cluster}', system.one) FORMAT Null` }).then(
        () => true,
        () => false,
      );
    },
    close: () => client.close(),
  };
}

/**
 * Codes that say a row of the insert cannot be read, so that trying again is no use: ATTEMPT_TO_READ_AFTER_EOF is not
 * among them (a cut connection). CANNOT_PARSE_* (26, 27, 38, 41, 53, 69, 70, 72), INCORRECT_DATA (117), TOO_LARGE_STRING_SIZE (131).
 */
const BAD_ROW = new Set([26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 321]);

export function isBadRow(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && BAD_ROW.has(code);
}
