/** The collector's config file: parsed once, frozen. Every refusal names the field and the fix. */
import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { DEFAULT_BUCKETS } from "./bucket/number.ts";
import { policy } from "./document/kinds.ts";

export const ROLES = ["ingest", "derive", "control", "api", "alert"] as const;
export type Role = (typeof ROLES)[number];

const port = z.int().min(0).max(65_535);
const token = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');

const service = z.string().regex(/^(tcp|udp)\/([1-9]\d{0,4})$/, 'must be "tcp/PORT" or "udp/PORT"');

/** What the first start writes as documents; without effect once they stand. */
const firstStart = z.strictObject({
  tenant: token,
  tenantName: z.string().min(1).max(120).optional(),
  site: token,
  siteName: z.string().min(1).max(120).optional(),
  policy: policy.omit({ version: true }).partial().optional(),
  profiles: z
    .array(
      z.strictObject({
        id: token,
        match: z.strictObject({ device: token.optional(), vendor: z.string().max(120).optional(), model: z.string().max(120).optional() }),
        services: z.array(service).max(1_000),
        wired: z.boolean().optional(),
      }),
    )
    .optional(),
});

const clickhouse = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: "must be like http://HOST:PORT" }),
    user: z.string().min(1).default("vedette"),
    /** File that holds the password, mode 0600. */
    passwordFile: z.string().min(1).optional(),
    database: z
      .string()
      .regex(/^[a-z_]{1,64}$/)
      .default("vedette"),
    /** Name of the cluster, in the servers' remote_servers, over whose shards the tables are distributed. */
    cluster: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"')
      .optional(),
    /** Its shards where each is one server: tables are made on each of these. Absent: shards of replicas, where ON CLUSTER makes them. */
    shards: z
      .array(z.url({ protocol: /^https?$/, error: "must be like http://HOST:PORT" }))
      .min(1)
      .optional(),
  })
  .superRefine(({ url, cluster, shards }, cx) => {
    if (shards === undefined) return;
    const refuse = (field: string, message: string) => cx.addIssue({ code: "custom", path: [field], message });
    if (cluster === undefined) refuse("cluster", "is missing; name the cluster whose shards clickhouse.shards lists");
    if (!shards.some((shard) => new URL(shard).href === new URL(url).href)) refuse("url", "is none of clickhouse.shards; name one of them");
  });

export const CollectorConfigSchema = z.strictObject({
  /** Folder of keys. */
  data: z.string().min(1),
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .default([...ROLES]),
  /** Fixed at the first start. */
  buckets: z.int().min(1).max(4_096).default(DEFAULT_BUCKETS),
  http: z.strictObject({ host: z.string().min(1).default("127.0.0.1"), port: port.default(8420) }).prefault({}),
  grpc: z
    .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: port.default(8421), names: z.array(z.string().min(1)).default([]) })
    .prefault({}),
  nats: z.strictObject({
    url: z.string().regex(/^(nats|tls):\/\/\S+$/, "must be like nats://HOST:PORT"),
    /** What agents are told; absent: the url above. */
    agentUrls: z.array(z.string()).optional(),
    replicas: z.int().min(1).max(5).default(1),
  }),
  clickhouse,
  observationDays: z.int().min(1).max(3_660).default(396),
  /** A collector that was silent for so long is missed, and others hold its buckets; the same for all of them. */
  missedAfterSeconds: z.int().min(1).max(60).default(2),
  /** Every device is derived anew from nothing within this time. */
  sweepSeconds: z
    .int()
    .min(10)
    .max(30 * 86_400)
    .default(86_400),
  /** Folder of the built console; absent: no pages are served. */
  console: z.string().min(1).optional(),
  firstStart: firstStart.optional(),
});

export type CollectorConfig = Readonly<z.infer<typeof CollectorConfigSchema>>;
export type CollectorConfigInput = z.input<typeof CollectorConfigSchema>;

/** One sentence with the field and the fix; the program ends with status 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly status = 2;
}

/** @throws ConfigError */
export function parseCollectorConfig(value: unknown): CollectorConfig {
  const parsed = CollectorConfigSchema.safeParse(value);
  if (parsed.success) return Object.freeze(parsed.data);
  const issue = parsed.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    throw new ConfigError(
      `${[...issue.path, issue.keys[0]].join(".")}: is no field of a collector's config; remove it or correct its spelling`,
    );
  }
  throw new ConfigError(`${path === "" ? "config" : path}: ${issue?.message ?? "cannot be read"}`);
}

/** Reads and checks a YAML file. @throws ConfigError */
export function readCollectorConfig(file: string): CollectorConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new ConfigError(`${file}: cannot be read (${code}); give the path of a collector config in YAML`, { cause });
  }
  try {
    return parseCollectorConfig(parse(text));
  } catch (cause) {
    if (cause instanceof YAMLParseError)
      throw new ConfigError(`${file}: line ${cause.linePos?.[0].line ?? "?"} is no YAML; correct it`, { cause });
    if (cause instanceof ConfigError) throw new ConfigError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}
