/** Which of people's decisions hold for one device. */
import type { DeclaredProfile } from "@vedette/standard";
import type { Decisions } from "./types.ts";

export interface Matched {
  /** Id and aliases. */
  readonly ids: readonly string[];
  readonly site: string;
  readonly vendor: string | null;
  readonly model: string | null;
}

function same(a: string | undefined, b: string | null): boolean {
  return a !== undefined && b !== null && a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** How narrowly a target names the device: 4 itself, 3 its model, 2 its vendor, 1 its site, 0 not at all. Every part named must match. */
export function narrowness(
  target: { readonly device?: string; readonly site?: string; readonly vendor?: string; readonly model?: string },
  m: Matched,
): number {
  if (target.site !== undefined && target.site !== m.site) return 0;
  if (target.device !== undefined) return m.ids.includes(target.device) ? 4 : 0;
  if (target.vendor !== undefined && !same(target.vendor, m.vendor)) return 0;
  if (target.model !== undefined) return same(target.model, m.model) ? 3 : 0;
  if (target.vendor !== undefined) return 2;
  return target.site === undefined ? 0 : 1;
}

/** From each date on, the narrowest declared-service profile that holds by then. Ascending. */
export function profilesFor(m: Matched, profiles: Decisions["profiles"]): { from: number; profile: DeclaredProfile }[] {
  const fitting = profiles
    .map((p) => ({ p, narrow: narrowness(p.match, m) }))
    .filter((x) => x.narrow > 0)
    .sort((a, b) => a.p.from - b.p.from || a.narrow - b.narrow || (a.p.id < b.p.id ? -1 : 1));
  const out: { from: number; profile: DeclaredProfile }[] = [];
  let best = 0;
  for (const { p, narrow } of fitting) {
    if (narrow < best) continue;
    best = narrow;
    const profile: DeclaredProfile = { id: p.id, services: p.services, ...(p.wired === undefined ? {} : { wired: p.wired }) };
    out.push({ from: p.from, profile });
  }
  return out;
}

/** Attestations about the device, the narrowest target first: the first valid one decides. */
export function attestationsFor(m: Matched, attestations: Decisions["attestations"]): Decisions["attestations"][number][] {
  return attestations
    .map((a) => ({ a, narrow: narrowness(a.target, m) }))
    .filter((x) => x.narrow > 0)
    .sort((x, y) => y.narrow - x.narrow || y.a.validFrom - x.a.validFrom || (x.a.id < y.a.id ? -1 : 1))
    .map((x) => x.a);
}
