/** What a document of each kind says. Bodies are closed: a field we do not know is refused when written and kept unread when a newer version wrote it. */
import { z } from "zod";

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');
const text = (max: number) => z.string().trim().min(1).max(max);
const time = z.number().int().nonnegative();
/** Sealed by the collectors' key or by a person's. */
const sealed = z.string().max(20_000);
const port = z.number().int().min(1).max(65_535);
const cidr = z.union([z.cidrv4(), z.cidrv6()]);

/** Milliseconds travel to agents in 32 bits: 49 days. */
const MAX_INTERVAL_MS = 49 * 86_400_000;

export const ROLES = ["viewer", "auditor", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const grant = z.strictObject({
  /** null: every site of the tenant. */
  site: id.nullable(),
  role: z.enum(ROLES),
});
export type Grant = z.infer<typeof grant>;

const tenant = z.strictObject({
  name: text(120),
  /** Only of the platform's own: sealed text that proves that the keys fit the documents. */
  keyCheck: sealed.exactOptional(),
});

const site = z.strictObject({ name: text(120), timeZone: z.string().max(64).exactOptional() });

const user = z.strictObject({
  /** Personal, sealed by the person's key: JSON {login, name}. */
  person: sealed,
  /** Sealed argon2id hash. */
  password: sealed,
  grants: z.array(grant).max(1_000),
  disabled: z.boolean(),
  /** True until the first password was changed. */
  mustChange: z.boolean(),
  /** Sessions older than this are over, ms. */
  sessionsFrom: time,
});

const token = z.strictObject({
  name: text(120),
  /** Sealed SHA-256 of the secret, hex. */
  hash: sealed,
  grants: z.array(grant).max(1_000),
  expiresAt: time.nullable(),
});

const enrolment = z.strictObject({
  site: id,
  /** Sealed SHA-256 of the secret, hex. */
  hash: sealed,
  expiresAt: time,
  /** The agent that used it; a token is used once. */
  usedBy: id.nullable(),
});

const agent = z.strictObject({
  site: id,
  /** SPKI of the enrolled key, DER, base64. */
  publicKey: z.string().max(1_000),
  /** Newest first; an older one lives until its last token ends. */
  natsUserKeys: z
    .array(z.strictObject({ key: z.string().length(56), replacedAt: time.nullable() }))
    .min(1)
    .max(32),
  hostName: z.string().max(255),
  version: z.string().max(64),
  enrolledAt: time,
  /** End of a certificate of this agent, ms; written at most weekly, so the last may end up to 7 days later. */
  certificateExpiresAt: time,
});

const revocation = z.strictObject({
  site: id,
  /** Every NATS user key that the agent has had. */
  natsUserKeys: z.array(z.string().length(56)).max(1_000),
  revokedAt: time,
  reason: text(500),
});

export const policy = z.strictObject({
  version: z.number().int().positive(),
  /** Empty keeps the agent's own. */
  tier: z.enum(["", "passive", "polite", "credentialed", "intrusive"]),
  scope: z.array(cidr).max(256),
  exclude: z.array(cidr).max(256),
  excludePorts: z.array(port).max(1_000),
  /** By schedule name, ms. */
  intervals: z.partialRecord(
    z.enum(["discovery", "presence", "guard", "certificate", "light", "tls", "common", "sweep", "wifi", "alive"]),
    z.number().int().min(1_000).max(MAX_INTERVAL_MS),
  ),
  budget: z.strictObject({
    sitePerSecond: z.number().int().min(0).max(10_000),
    hostPerSecond: z.number().int().min(0).max(1_000),
    hostConcurrent: z.number().int().min(0).max(16),
  }),
  radioScope: z.array(z.string().min(1).max(64)).max(256),
  portHints: z
    .array(
      z.strictObject({ transport: z.enum(["tcp", "udp"]), port, protocol: z.enum(["http", "https", "rtsp", "rtsps", "telnet", "snmp"]) }),
    )
    .max(256),
  confirmIntervalMs: z.number().int().min(0).max(86_400_000),
});
export type PolicyBody = z.infer<typeof policy>;

const service = z.string().regex(/^(tcp|udp)\/([1-9]\d{0,4})$/, 'must be "tcp/PORT" or "udp/PORT"');

export const profile = z.strictObject({
  /** null: every site of the tenant. */
  site: id.nullable(),
  match: z.strictObject({ device: id.exactOptional(), vendor: text(120).exactOptional(), model: text(120).exactOptional() }),
  services: z.array(service).max(1_000),
  wired: z.boolean().exactOptional(),
  from: time,
});

export const MEMBERSHIPS = ["in", "out", "environment", "undecided"] as const;

const membership = z.strictObject({ site: id, membership: z.enum(MEMBERSHIPS), reason: text(500), from: time });

const name = z.strictObject({
  site: id,
  name: text(120).exactOptional(),
  location: text(200).exactOptional(),
  owner: text(120).exactOptional(),
  tags: z.array(text(60)).max(50).exactOptional(),
});

const clause = z.string().regex(/^\d+(\.\d+){2,4}(-\d+)?$/, 'must be a clause id such as "5.3.3.1"');

export const attestation = z.strictObject({
  clauses: z.array(clause).min(1).max(54),
  target: z.strictObject({
    device: id.exactOptional(),
    site: id.exactOptional(),
    vendor: text(120).exactOptional(),
    model: text(120).exactOptional(),
  }),
  result: z.enum(["pass", "fail", "notapplicable"]),
  /** SHA-256 of the paper, hex. */
  documentHash: z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of the document in hex"),
  standard: text(120).exactOptional(),
  validFrom: time,
  expires: time,
});

const overrule = z.strictObject({ site: id, kind: z.enum(["join", "split"]), a: text(200), b: text(200), reason: text(500), from: time });

const acceptedRisk = z.strictObject({ site: id, device: id.nullable(), clause, reason: text(500), expires: time });

export const KIND = {
  tenant,
  site,
  user,
  token,
  enrolment,
  agent,
  revocation,
  policy,
  profile,
  membership,
  name,
  attestation,
  overrule,
  "accepted-risk": acceptedRisk,
} as const;

export type Kind = keyof typeof KIND;
export type Body<K extends Kind> = z.infer<(typeof KIND)[K]>;

export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(KIND, kind);
}
