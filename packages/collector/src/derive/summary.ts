/** A device as the API shows it in lists. */
import type { Status } from "@vedette/standard";
import { toColumnTime } from "./column-time.ts";
import type { Device } from "./types.ts";

const WORST: readonly Status[] = ["fail", "error", "unknown", "notchecked", "pass", "notapplicable"];

export function worstOf(counts: Readonly<Record<Status, number>>): Status {
  return WORST.find((s) => counts[s] > 0) ?? "notchecked";
}

export function apiDevice(d: Device, tenant: string, site: string, failing: readonly string[]) {
  return {
    id: d.id,
    tenant,
    site,
    name: d.friendlyName,
    location: d.location,
    owner: d.owner,
    tags: d.tags,
    membership: d.membership,
    membershipReason: d.membershipReason,
    class: d.class,
    vendor: d.vendor?.value ?? "",
    model: d.model?.value ?? "",
    firmware: d.firmware?.value ?? "",
    addresses: d.addresses,
    level: d.level,
    counts: d.counts,
    failing,
    sources: d.sources,
    firstSeenAt: toColumnTime(d.firstSeenAt),
    lastSeenAt: toColumnTime(d.lastSeenAt),
    vanishedAt: d.vanishedAt === null ? null : toColumnTime(d.vanishedAt),
  };
}
