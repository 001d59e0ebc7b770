/** Narrowing the fleet by what its devices have in common. Pure. */
import type { Device } from "@vedette/collector/api";
import { STATUSES, worstOf } from "../../ui/status.ts";

export type Facet = "status" | "class" | "membership";
export type Chosen = Readonly<Record<Facet, string | null>>;

export const FACETS: readonly Facet[] = ["membership", "status", "class"];
export const MEMBERSHIPS: readonly Device["membership"][] = ["in", "undecided", "environment", "out"];

export function facetValue(device: Device, facet: Facet): string {
  return facet === "status" ? worstOf(device.counts) : device[facet];
}

export function chosenFrom(params: URLSearchParams): Chosen {
  return { status: params.get("status"), class: params.get("class"), membership: params.get("membership") };
}

export function narrow(devices: readonly Device[], chosen: Chosen): Device[] {
  return devices.filter((d) => FACETS.every((f) => chosen[f] === null || facetValue(d, f) === chosen[f]));
}

/** Values of a facet with their counts among the devices that the other facets leave: a count says what a click gives. */
export function countsOf(devices: readonly Device[], facet: Facet, chosen: Chosen): { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const device of narrow(devices, { ...chosen, [facet]: null })) {
    const value = facetValue(device, facet);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const order: readonly string[] = facet === "status" ? STATUSES : facet === "membership" ? MEMBERSHIPS : [];
  const rank = (value: string) => (order.includes(value) ? order.indexOf(value) : order.length);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => rank(a.value) - rank(b.value) || b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** Worst first, then by name; groups by what they are to the system are made by the table. */
export function byUrgency(a: Device, b: Device): number {
  return (
    b.failing.length - a.failing.length ||
    STATUSES.indexOf(worstOf(a.counts)) - STATUSES.indexOf(worstOf(b.counts)) ||
    a.name.localeCompare(b.name)
  );
}
