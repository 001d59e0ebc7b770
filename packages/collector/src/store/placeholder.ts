/** Fills the placeholders of a migration, so that one text serves the embedded server, one server and a cluster. */

export interface Shape {
  /** Name of the cluster, or null for one server. */
  readonly cluster: string | null;
  readonly observationTtlDays: number;
}

export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** `ReplacingMergeTree(version)` → the same, or its replicated twin with the paths that the servers' macros fill. */
export function engine(expression: string, cluster: string | null): string {
  const open = expression.indexOf("(");
  const name = open < 0 ? expression : expression.slice(0, open);
  const args = open < 0 ? "" : expression.slice(open + 1, expression.lastIndexOf(")")).trim();
  if (cluster === null) return `${name}(${args})`;
  const own = ["'/clickhouse/tables/{shard}/{database}/{table}'", "'{replica}'"];
  return `Replicated${name}(${[...own, ...(args === "" ? [] : [args])].join(", ")})`;
}

export function onCluster(cluster: string | null): string {
  if (cluster === null) return "";
  if (!NAME.test(cluster)) throw new MigrationError(`clickhouse.cluster: "${cluster}" must be 1 to 64 letters, digits, "-" or "_"`);
  return `ON CLUSTER '${cluster}'`;
}

/** @throws MigrationError for a placeholder that is not known */
export function fill(template: string, shape: Shape): string {
  return template.replace(/\{([a-z_]+)(?::([^}]+))?\}/g, (whole: string, name: string, argument: string | undefined) => {
    if (name === "on_cluster" && argument === undefined) return onCluster(shape.cluster);
    if (name === "engine" && argument !== undefined) return engine(argument, shape.cluster);
    if (name === "observation_ttl_days" && argument === undefined) return String(shape.observationTtlDays);
    throw new MigrationError(`the placeholder ${whole} is not known`);
  });
}

/** The statements of a file: comments taken out, split at the semicolons that end a line. */
export function statements(sql: string): string[] {
  const bare = sql.replace(/^\s*--.*$/gm, "");
  return bare
    .split(/;[ \t]*$/m)
    .map((s) => s.trim())
    .filter((s) => s !== "");
}
