/** The config file of our nats-server: operator mode, full resolver, JetStream with one fsync a write, loopback only. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

export interface NatsConfigOptions {
  /** Folder of its streams and account tokens; made where it is missing, mode 0700. */
  readonly data: string;
  readonly port: number;
  readonly operatorJwt: string;
  /** Public key of the system account. */
  readonly systemAccount: string;
  /** Accounts it knows from its first second; later ones come to the resolver over the system account. */
  readonly accounts: readonly { readonly publicKey: string; readonly jwt: string }[];
  /** Unique in its cluster; default "vedette". */
  readonly name?: string;
  /** One node of several on loopback. `routes`: the cluster addresses of all nodes. */
  readonly cluster?: { readonly name: string; readonly port: number; readonly routes: readonly string[] };
}

/** 2^50: the broker would take three quarters of what is free at its start, and set aside each stream's limit of that. Six tenants, and there is nothing left for a seventh. */
const MAX_FILE_STORE_BYTES = 1024 ** 5;
/** Above a part of a changeset (900 KiB) with its headers. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

export function pidPath(data: string): string {
  return join(resolve(data), "nats-server.pid");
}

/** Text of the file. JSON's strings are strings there too. */
export function natsConfig(o: NatsConfigOptions): string {
  const folder = resolve(o.data);
  const quote = (text: string) => JSON.stringify(text);
  const preload = o.accounts.map((a) => `  ${a.publicKey}: ${quote(a.jwt)}`);
  return `server_name: ${quote(o.name ?? "vedette")}
listen: "127.0.0.1:${o.port}"
max_payload: ${MAX_PAYLOAD_BYTES}
pid_file: ${quote(pidPath(folder))}
operator: ${quote(o.operatorJwt)}
system_account: ${quote(o.systemAccount)}
# A resolver in memory would forget revocations at a restart.
resolver: { type: full, dir: ${quote(join(folder, "account"))}, allow_delete: true, interval: "2m", limit: 100000 }
resolver_preload: {
${preload.join("\n")}
}
jetstream: { store_dir: ${quote(join(folder, "stream"))}, sync_interval: always, max_file_store: ${MAX_FILE_STORE_BYTES} }
${clusterBlock(o)}`;
}

function clusterBlock({ cluster }: NatsConfigOptions): string {
  if (cluster === undefined) return "";
  return `cluster: { name: ${JSON.stringify(cluster.name)}, listen: "127.0.0.1:${cluster.port}", routes: ${JSON.stringify(cluster.routes)} }\n`;
}

/** Writes the file and returns its path. It holds no secret: account tokens are signed, not hidden. */
export async function writeNatsConfig(o: NatsConfigOptions): Promise<string> {
  const folder = resolve(o.data);
  for (const part of ["account", "stream"]) await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
  const file = join(folder, "nats-server.conf");
  await writeFile(file, natsConfig(o), { mode: 0o600 });
  return file;
}
