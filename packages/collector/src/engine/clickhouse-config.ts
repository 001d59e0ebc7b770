/** The config files of the ClickHouse child. */
import { createHash } from "node:crypto";

export const CLICKHOUSE_USER = "vedette";

/** One query parameter may be a long list of ids; the default is 128 KiB. */
const MAX_PARAMETER_BYTES = 16 * 1024 ** 2;

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Literal text as a regular expression of ClickHouse's (RE2). */
function escapePattern(text: string): string {
  return text.replace(/[^A-Za-z0-9 _-]/g, (c) => `\\${c}`);
}

/** Several children of one user and password as one cluster, each a shard without replicas. */
export interface Shards {
  /** Its name in `clickhouse.cluster`. */
  readonly cluster: string;
  /** Native protocol of each on 127.0.0.1, in the order of the shards. */
  readonly ports: readonly number[];
}

export interface ClickHouseFiles {
  readonly password: string;
  readonly usersFile: string;
  readonly backupFolder: string;
  readonly memoryBytes: number;
  readonly shards?: Shards;
}

/** The section that a Distributed table finds its shards by. */
function remoteServers({ cluster, ports }: Shards, password: string): string {
  const replica = (port: number) => `<replica>
      <host>127.0.0.1</host><port>${port}</port><user>${CLICKHOUSE_USER}</user><password>${escapeXml(password)}</password>
    </replica>`;
  const shards = ports.map((port) => `<shard>${replica(port)}</shard>`).join("\n    ");
  return `  <remote_servers><${cluster}>
    ${shards}
  </${cluster}></remote_servers>
`;
}

/**
 * Server config. Every request must carry our user's Authorization header: the engine needs a user `default` without
 * password for its own start, and this rule keeps that one off the network.
 */
export function serverConfig(f: ClickHouseFiles): string {
  const basic = Buffer.from(`${CLICKHOUSE_USER}:${f.password}`).toString("base64");
  return `<clickhouse>
  <logger><level>warning</level></logger>
  <users_config>${escapeXml(f.usersFile)}</users_config>
  <keep_alive_timeout>1</keep_alive_timeout>
  <max_server_memory_usage>${f.memoryBytes}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <primary_index_cache_size>67108864</primary_index_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <backups><allowed_path>${escapeXml(f.backupFolder)}</allowed_path></backups>
${f.shards === undefined ? "" : remoteServers(f.shards, f.password)}  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
  </merge_tree>
  <http_handlers>
    <rule>
      <headers><Authorization>regex:^${escapeXml(escapePattern(`Basic ${basic}`))}$</Authorization></headers>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
    </rule>
  </http_handlers>
</clickhouse>
`;
}

/** Users: `default` may do what the start needs and nothing else; ours may do everything. */
export function usersConfig(password: string): string {
  const hash = createHash("sha256").update(password).digest("hex");
  return `<clickhouse>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT CREATE ARBITRARY TEMPORARY TABLE ON *.*</query>
        <query>GRANT READ, WRITE ON FILE</query>
      </grants>
    </default>
    <${CLICKHOUSE_USER}>
      <password_sha256_hex>${hash}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
    </${CLICKHOUSE_USER}>
  </users>
  <profiles>
    <default>
      <async_insert>0</async_insert>
      <http_max_field_value_size>${MAX_PARAMETER_BYTES}</http_max_field_value_size>
    </default>
  </profiles>
  <quotas><default></default></quotas>
</clickhouse>
`;
}
