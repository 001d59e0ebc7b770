/**
 * The shapes of REST and the live feed, as zod schemas: validation, OpenAPI and the console's types come from them.
 * Times are RFC 3339 UTC, ids are opaque.
 */
import { z } from "zod";

export const Time = z.iso.datetime().describe("RFC 3339, UTC");
export const Text = z.object({ en: z.string(), "zh-TW": z.string() });
export const Status = z.enum(["pass", "fail", "unknown", "notchecked", "notapplicable", "error"]);
export const Aspect = z.enum(["physical", "system", "communication", "authentication", "privacy"]);
export const Membership = z.enum(["in", "out", "environment", "undecided"]);
const LevelNumber = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).nullable();

export const Level = z.object({
  proven: LevelNumber,
  possible: LevelNumber,
  observable: z.object({ level: LevelNumber, checked: z.number().int(), of: z.number().int() }),
  blocking: z.array(z.string()),
  aspects: z.partialRecord(Aspect, z.object({ proven: LevelNumber, possible: LevelNumber })),
});

export const Counts = z.object({
  pass: z.number().int(),
  fail: z.number().int(),
  unknown: z.number().int(),
  notchecked: z.number().int(),
  notapplicable: z.number().int(),
  error: z.number().int(),
});

export const Attribute = z.object({
  value: z.string(),
  source: z.string(),
  confidence: z.number(),
  observation: z.string(),
  alternatives: z.array(z.object({ value: z.string(), source: z.string(), confidence: z.number() })),
});

export const Device = z.object({
  id: z.string(),
  tenant: z.string(),
  site: z.string(),
  name: z.string(),
  location: z.string(),
  owner: z.string(),
  tags: z.array(z.string()),
  membership: Membership,
  membershipReason: z.string(),
  class: z.string(),
  vendor: z.string(),
  model: z.string(),
  firmware: z.string(),
  addresses: z.array(z.string()),
  level: Level,
  counts: Counts,
  failing: z.array(z.string()),
  sources: z.array(z.string()),
  firstSeenAt: Time,
  lastSeenAt: Time,
  vanishedAt: Time.nullable(),
});

/** A device with how we know what it is. */
export const DeviceDetail = Device.extend({
  attributes: z.object({
    vendor: Attribute.nullable(),
    model: Attribute.nullable(),
    firmware: Attribute.nullable(),
    serial: Attribute.nullable(),
  }),
  identifiers: z.array(
    z.object({ kind: z.string(), value: z.string(), joins: z.boolean(), cloned: z.boolean(), firstSeenAt: Time, observation: z.string() }),
  ),
  joins: z.array(z.object({ identifier: z.string(), value: z.string(), a: z.string(), b: z.string(), at: Time })),
  endpoints: z.array(
    z.object({ address: z.string(), transport: z.string(), port: z.number().int(), protocol: z.string(), firstSeenAt: Time }),
  ),
  bss: z.array(z.string()),
  coverage: z.object({
    tcp: z.array(z.object({ first: z.number().int(), last: z.number().int() })),
    completeSweepAt: Time.nullable(),
  }),
  aliases: z.array(z.string()),
});

export const Evidence = z.object({
  kind: z.enum(["observation", "attestation", "feed", "device"]),
  id: z.string(),
  facts: z.record(z.string(), z.unknown()),
});

export const Verdict = z.object({
  clause: z.string(),
  status: Status,
  basis: z.string(),
  code: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  reason: Text,
  evidence: z.array(Evidence),
  /** Since when it has been so at the site. */
  since: Time,
  observedAt: Time.nullable(),
  recordedAt: Time,
});

export const Assessment = z.object({
  device: z.string(),
  at: Time,
  knownAt: Time,
  catalogue: z.string(),
  level: Level,
  verdicts: z.array(Verdict),
});

export const TimelineItem = z.object({
  clause: z.string(),
  status: Status,
  from: Time,
  to: Time.nullable(),
  code: z.string(),
  reason: Text,
  cause: z.string(),
  observedAt: Time.nullable(),
  recordedAt: Time,
});

export const Timeline = z.object({ items: z.array(TimelineItem), knownAt: Time, nextCursor: z.string().nullable() });

export const EventKind = z.enum(["transition", "drift", "exposure", "device", "agent", "attestation"]);

/** CloudEvents 1.0, JSON format. */
export const Event = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string().optional(),
  time: Time,
  datacontenttype: z.literal("application/json").optional(),
  data: z.looseObject({
    device: z.string().optional(),
    clause: z.string().optional(),
    change: z.string().optional(),
    from: z.string().nullish(),
    to: z.string().nullish(),
    reason: Text,
    severity: z.enum(["info", "low", "medium", "high"]),
    evidence: z.array(Evidence),
    revises: z.array(z.string()).optional(),
  }),
});

export const Site = z.object({
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  devices: z.number().int(),
  failing: z.number().int(),
  /** Members by proven level, "0" to "3"; "none" where nothing applies. */
  distribution: z.record(z.string(), z.number().int()),
  /** The lowest of the devices that are in. */
  level: z.object({ proven: LevelNumber, possible: LevelNumber }),
  knownAt: Time.nullable(),
});

export const Agent = z.object({
  id: z.string(),
  site: z.string(),
  state: z.enum(["online", "offline", "never"]),
  version: z.string(),
  lastReportAt: Time.nullable(),
  outboxDepth: z.number().int(),
  oldestUnreceiptedMs: z.number(),
  offsetMs: z.number().nullable(),
});

export const Observation = z.looseObject({
  id: z.string(),
  probe: z.string(),
  probeVersion: z.number().int(),
  tier: z.string(),
  agent: z.string(),
  subject: z.looseObject({ kind: z.string() }),
  outcome: z.string(),
  fault: z.object({ phase: z.string(), code: z.string(), message: z.string() }).nullable(),
  facts: z.record(z.string(), z.unknown()).nullable(),
  evidence: z.array(z.object({ label: z.string(), content: z.string().describe("base64"), truncated: z.boolean() })),
  observedAt: Time,
  storedAt: Time,
});

export function list<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** RFC 9457. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  field: z.string().optional(),
});

export type Device = z.infer<typeof Device>;
export type DeviceDetail = z.infer<typeof DeviceDetail>;
export type Verdict = z.infer<typeof Verdict>;
export type Assessment = z.infer<typeof Assessment>;
export type TimelineItem = z.infer<typeof TimelineItem>;
export type Timeline = z.infer<typeof Timeline>;
export type Event = z.infer<typeof Event>;
export type Site = z.infer<typeof Site>;
export type Agent = z.infer<typeof Agent>;
export type Observation = z.infer<typeof Observation>;
export type Level = z.infer<typeof Level>;
export type Status = z.infer<typeof Status>;
export type Aspect = z.infer<typeof Aspect>;
export type Text = z.infer<typeof Text>;
export type Evidence = z.infer<typeof Evidence>;
export type Problem = z.infer<typeof Problem>;
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
