/** One device as it is now, put together from its group and its timeline. */
import { level, type Status } from "@vedette/standard";
import type { Description } from "./attribute.ts";
import { compareText } from "./canonical.ts";
import { joinKey } from "./clone.ts";
import { factsAs, isSignOfLife } from "./facts.ts";
import type { Group, Grouping } from "./group.ts";
import type { Seen } from "./history.ts";
import type { Belonging } from "./membership.ts";
import type { Place, Port } from "./place.ts";
import type { Timeline } from "./timeline-types.ts";
import type { Decisions, Device, Identifier } from "./types.ts";

export interface DeviceParts {
  readonly group: Group;
  readonly grouping: Pick<Grouping, "cloned">;
  readonly seen: readonly Seen[];
  readonly description: Description;
  readonly timeline: Timeline;
  readonly belonging: Belonging;
  readonly names: Decisions["names"];
  readonly bss: readonly string[];
}

function identifiersOf(group: Group, cloned: ReadonlySet<string>): Identifier[] {
  const byKey = new Map<string, Identifier>();
  for (const s of group.sightings) {
    const address: Identifier[] =
      s.alive === null
        ? []
        : [{ kind: "address", value: s.address, joins: false, cloned: false, firstSeenAt: s.alive.at, observation: s.alive.observation }];
    const claims = [...s.claims.values()].map((c): Identifier => {
      const isCloned = cloned.has(joinKey(c.kind, c.value));
      return {
        kind: c.kind,
        value: c.value,
        joins: c.joins && !isCloned,
        cloned: isCloned,
        firstSeenAt: c.firstSeenAt,
        observation: c.observation,
      };
    });
    for (const i of [...address, ...claims]) {
      const key = `${i.kind}|${i.value}`;
      const known = byKey.get(key);
      if (known === undefined || i.firstSeenAt < known.firstSeenAt) byKey.set(key, i);
    }
  }
  return [...byKey.values()].sort((a, b) => compareText(a.kind, b.kind) || compareText(a.value, b.value));
}

/** What speaks at a port, as far as the looks tell. */
export function protocolOf(place: Place, port: Port): string {
  const at = (probe: string): Seen | undefined => {
    const span = place.spans.get(`${probe}|${port.transport}/${port.port}|`);
    return span?.first.outcome === "identified" ? span.first : undefined;
  };
  const greeting = port.entry?.protocol ?? "";
  if (greeting !== "" && greeting !== "tls-alert") return greeting;
  if (at("snmp.system") !== undefined) return "snmp";
  const tls = at("tls.handshake") !== undefined || at("tls.certificate") !== undefined;
  if (at("rtsp.describe") !== undefined) return tls ? "rtsps" : "rtsp";
  const http = at("http.root");
  if (http !== undefined) return factsAs(http, "http.root")?.tls === true ? "https" : "http";
  const onvif = at("onvif.device");
  if (onvif !== undefined) return factsAs(onvif, "onvif.device")?.tls === true ? "https" : "http";
  if (at("upnp.description") !== undefined) return "http";
  return tls ? "tls" : "";
}

function endpointsOf(places: readonly Place[]): Device["endpoints"] {
  const byKey = new Map<string, Device["endpoints"][number]>();
  for (const place of places) {
    for (const port of place.ports.values()) {
      const key = `${place.address}|${port.transport}|${port.port}`;
      const before = byKey.get(key);
      const protocol = protocolOf(place, port);
      if (before !== undefined && (before.protocol !== "" || protocol === "")) continue;
      byKey.set(key, { address: place.address, transport: port.transport, port: port.port, protocol, firstSeenAt: port.openedAt });
    }
  }
  return [...byKey.values()].sort((a, b) => compareText(a.address, b.address) || compareText(a.transport, b.transport) || a.port - b.port);
}

function countsOf(timeline: Timeline): Record<Status, number> {
  const counts: Record<Status, number> = { pass: 0, fail: 0, unknown: 0, notchecked: 0, notapplicable: 0, error: 0 };
  for (const v of timeline.verdicts) counts[v.status]++;
  return counts;
}

/** The light look at a certificate is the same source as the full posture. */
function sourcesOf(seen: readonly Seen[]): string[] {
  const probes = seen.filter((s) => isSignOfLife(s) || s.subject.kind === "bss").map((s) => s.probe);
  return [...new Set(probes.map((p) => (p === "tls.certificate" ? "tls.handshake" : p)))].sort(compareText);
}

export function deviceOf(parts: DeviceParts): Device {
  const { group, timeline, description, belonging } = parts;
  const ids = [group.id, ...group.aliases];
  const own = parts.names.filter((n) => ids.includes(n.device));
  const given = own.findLast((n) => n.name !== undefined && n.name !== "")?.name;
  const addresses = [...new Set(timeline.places.map((p) => p.address))];
  const model = [description.vendor?.value, description.model?.value].filter((t) => t !== undefined).join(" ");
  return {
    id: group.id,
    class: description.class,
    vendor: description.vendor,
    model: description.model,
    firmware: description.firmware,
    serial: description.serial,
    friendlyName: given ?? description.name ?? (model !== "" ? model : (addresses[0] ?? group.id)),
    location: own.findLast((n) => n.location !== undefined)?.location ?? "",
    owner: own.findLast((n) => n.owner !== undefined)?.owner ?? "",
    tags: own.findLast((n) => n.tags !== undefined)?.tags ?? [],
    membership: belonging.membership,
    membershipReason: belonging.reason,
    addresses,
    identifiers: identifiersOf(group, parts.grouping.cloned),
    joins: group.joins,
    sources: sourcesOf(parts.seen),
    endpoints: endpointsOf(timeline.places),
    bss: parts.bss,
    coverage: timeline.coverage,
    firstSeenAt: timeline.firstSeenAt,
    lastSeenAt: timeline.lastSeenAt,
    vanishedAt: timeline.vanishedAt,
    level: level(timeline.verdicts),
    counts: countsOf(timeline),
    aliases: group.aliases,
    replaces: group.replaces,
    founding: group.founding,
  };
}
