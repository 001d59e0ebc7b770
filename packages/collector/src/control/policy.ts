/** Policies: the presets, and their signed form on the wire. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { PolicySchema, type SignedPolicySchema } from "@vedette/proto";
import type { PolicyBody } from "../document/kinds.ts";
import type { PolicyKey } from "../keys/policy-key.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What an agent does where nobody has said otherwise (docs/schedule.md); scope and tier are the agent's own. */
export function defaultPolicy(): PolicyBody {
  return {
    version: 1,
    tier: "",
    scope: [],
    exclude: [],
    excludePorts: [],
    intervals: {
      presence: MINUTE,
      guard: 5 * MINUTE,
      certificate: 15 * MINUTE,
      light: HOUR,
      wifi: HOUR,
      tls: 6 * HOUR,
      common: DAY,
      sweep: 30 * DAY,
      alive: 5 * MINUTE,
    },
    budget: { sitePerSecond: 0, hostPerSecond: 0, hostConcurrent: 0 },
    radioScope: [],
    portHints: [],
    confirmIntervalMs: 0,
  };
}

/** The same code at a pace that a visitor can watch. `excludePorts`: what the machine itself serves on every loopback address. */
export function demoPolicy(excludePorts: readonly number[] = []): PolicyBody {
  return {
    ...defaultPolicy(),
    excludePorts: [...excludePorts],
    intervals: {
      discovery: 20 * SECOND,
      presence: 5 * SECOND,
      guard: 10 * SECOND,
      certificate: 15 * SECOND,
      light: 20 * SECOND,
      wifi: 20 * SECOND,
      tls: MINUTE,
      common: MINUTE,
      sweep: 30 * DAY,
      alive: 15 * SECOND,
    },
    portHints: [
      { transport: "tcp", port: 8080, protocol: "http" },
      { transport: "tcp", port: 8443, protocol: "https" },
      { transport: "tcp", port: 8554, protocol: "rtsp" },
      { transport: "tcp", port: 2323, protocol: "telnet" },
      { transport: "udp", port: 1161, protocol: "snmp" },
    ],
    confirmIntervalMs: 30 * SECOND,
  };
}

/** Bytes of one text: lists sorted, so that the same policy is the same bytes and the same signature. */
export function signPolicy(
  key: PolicyKey,
  place: { readonly tenant: string; readonly site: string },
  body: PolicyBody,
): MessageInitShape<typeof SignedPolicySchema> {
  const policy = toBinary(
    PolicySchema,
    create(PolicySchema, {
      ...place,
      version: body.version,
      tier: body.tier,
      scope: [...body.scope].sort(),
      exclude: [...body.exclude].sort(),
      excludePorts: [...body.excludePorts].sort((a, b) => a - b),
      intervals: Object.entries(body.intervals)
        .map(([name, intervalMs]) => ({ name, intervalMs }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      budget: body.budget,
      radioScope: [...body.radioScope].sort(),
      portHints: [...body.portHints].sort((a, b) => a.port - b.port || (a.transport < b.transport ? -1 : 1)),
      confirmIntervalMs: body.confirmIntervalMs,
    }),
  );
  return { policy, signature: key.sign(policy) };
}
