/**
 * Which servers there are and where rows lie: on one server in the database itself, over shards in a database of their own on each, with
 * Distributed tables before them (distributed.ts).
 */

export interface StoreOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Default "vedette". */
  readonly database?: string;
  /** Name of the cluster over whose shards the tables are distributed (distributed.ts); absent: one server. */
  readonly cluster?: string;
  /** URLs of its shards, each one server without replicas; absent: shards of replicas, reached by ON CLUSTER. */
  readonly shards?: readonly string[];
  /** Most concurrent requests. Default 10. */
  readonly connections?: number;
  /** Of one request. Default 150 s. */
  readonly timeoutMs?: number;
}

export function databaseOf({ database = "vedette" }: Pick<StoreOptions, "database">): string {
  return database;
}

export function shardDatabase(o: Pick<StoreOptions, "database">): string {
  return `${databaseOf(o)}_shard`;
}

/** Each as one server, but where ON CLUSTER reaches them all at once. */
export function placesOf(o: StoreOptions): readonly StoreOptions[] {
  const { cluster, shards, ...one } = { ...o, database: shardDatabase(o) };
  if (cluster === undefined) return [o];
  return shards?.map((url) => ({ ...one, url })) ?? [{ ...one, cluster }];
}
