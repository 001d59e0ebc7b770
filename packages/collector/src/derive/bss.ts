/** Radio cells and the devices that they belong to. */
import { compareText } from "./canonical.ts";
import { factsAs } from "./facts.ts";
import type { Group } from "./group.ts";
import type { Seen } from "./history.ts";
import type { BssPresent } from "./types.ts";

/**
 * A BSS belongs to a device only where its BSSID is a link address of the device or an interface that the device itself told; where
 * two devices tell the same one it belongs to none.
 * @returns BSSID → device id
 */
export function ownersOf(groups: readonly Group[]): Map<string, string> {
  const owners = new Map<string, string | null>();
  for (const group of groups) {
    const macs = new Set(
      group.sightings.flatMap((s) => [...s.claims.values()].filter((c) => c.kind === "mac" || c.kind === "if-mac").map((c) => c.value)),
    );
    for (const mac of macs) owners.set(mac, owners.has(mac) ? null : group.id);
  }
  return new Map([...owners].filter((entry): entry is [string, string] => entry[1] !== null));
}

export function bssOf(seen: readonly Seen[], owners: ReadonlyMap<string, string>): BssPresent[] {
  const latest = new Map<string, BssPresent>();
  for (const s of seen) {
    if (s.subject.kind !== "bss" || factsAs(s, "wifi.bss") === null) continue;
    const { bssid, ssid } = s.subject;
    latest.set(`${bssid}|${ssid}`, { bssid, ssid, device: owners.get(bssid) ?? null, facts: s.facts ?? {}, observedAt: s.at });
  }
  return [...latest.values()].sort((a, b) => compareText(a.bssid, b.bssid) || compareText(a.ssid, b.ssid));
}
