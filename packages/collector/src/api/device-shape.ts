/** Devices as the API gives them, from the summary row (lists) and the device's own row (detail). */
import type { Device as DerivedDevice } from "../derive/types.ts";
import type { DeviceSummary, RecordedDevice } from "../store/index.ts";
import { iso, isoOrNull } from "./known-at.ts";
import type { Device, DeviceDetail } from "./shape.ts";

/** What the summary's body holds beside its columns. */
type Body = Pick<Device, "location" | "owner" | "tags" | "membershipReason" | "level" | "counts" | "sources">;

export function deviceShape(tenant: string, s: DeviceSummary): Device {
  const body = JSON.parse(s.body) as Body;
  return {
    id: s.device,
    tenant,
    site: s.site,
    name: s.name,
    location: body.location ?? "",
    owner: body.owner ?? "",
    tags: body.tags ?? [],
    membership: s.membership as Device["membership"],
    membershipReason: body.membershipReason ?? "",
    class: s.class,
    vendor: s.vendor,
    model: s.model,
    firmware: s.firmware,
    addresses: [...s.addresses],
    level: body.level,
    counts: body.counts,
    failing: [...s.failing],
    sources: body.sources,
    firstSeenAt: iso(s.firstSeenAt),
    lastSeenAt: iso(s.lastSeenAt),
    vanishedAt: isoOrNull(s.vanishedAt),
  };
}

/** How we know what a device is: what the detail holds beside the list's item. */
export function identityShape(d: Omit<DerivedDevice, "lastSeenAt">): Omit<DeviceDetail, keyof Device> {
  const attribute = (a: DerivedDevice["vendor"]) => (a === null ? null : { ...a, alternatives: a.alternatives.map((x) => ({ ...x })) });
  return {
    attributes: { vendor: attribute(d.vendor), model: attribute(d.model), firmware: attribute(d.firmware), serial: attribute(d.serial) },
    identifiers: d.identifiers.map((i) => ({ ...i, firstSeenAt: iso(i.firstSeenAt) })),
    joins: d.joins.map((j) => ({ ...j, at: iso(j.at) })),
    endpoints: d.endpoints.map((e) => ({ ...e, firstSeenAt: iso(e.firstSeenAt) })),
    bss: [...d.bss],
    coverage: { tcp: d.coverage.tcp.map(({ first, last }) => ({ first, last })), completeSweepAt: isoOrNull(d.coverage.completeSweepAt) },
    aliases: [...d.aliases],
  };
}

export function deviceDetailShape(tenant: string, s: DeviceSummary, row: RecordedDevice): DeviceDetail {
  return { ...deviceShape(tenant, s), ...identityShape(JSON.parse(row.body) as Omit<DerivedDevice, "lastSeenAt">) };
}
