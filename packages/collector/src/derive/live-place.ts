/** Who is who as a site goes on: tells at once whether a new observation leaves the grouping as it is. */
import { clonedIdentifiers, joinKey } from "./clone.ts";
import { isSignOfLife } from "./facts.ts";
import type { Grouping } from "./group.ts";
import { addressOf, type Seen } from "./history.ts";
import { type Claim, claimsOf } from "./identify.ts";
import { isIdentity, isMissed, type Sighting, sourceOf } from "./sighting.ts";
import type { StoredObservation } from "./types.ts";

interface Shared extends Sighting {
  readonly identityAt: number[];
  readonly missedAt: number[];
}

interface PlaceState {
  /** The last part of the place, without what was seen of it. */
  readonly sighting: Sighting;
  /** Null: no device's. */
  readonly device: string | null;
  /** "kind|source" of what can cut and has told something in this part. */
  readonly sources: ReadonlySet<string>;
  /** Facts that are known to tell nothing new of who the host is. */
  readonly calm: WeakMap<StoredObservation, readonly Claim[]>;
  /** Where another host bears one of its identifiers too. */
  readonly shared: { readonly sighting: Shared; readonly answered: Set<string> } | null;
}

const CUT_KINDS: ReadonlySet<string> = new Set(["serial", "uuid", "engine-id"]);

/** A sighting without what was seen, which memory need not hold. */
export function bare(s: Sighting): Sighting {
  return { ...s, seen: [], identitySeen: new Set(), identityAt: [], missedAt: [] };
}

/** Keys of identifiers that several sightings bear. */
function sharedKeys(sightings: readonly Sighting[]): Set<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const s of sightings) {
    const own = new Set([...s.claims.values()].filter((c) => c.joins && c.kind !== "mac").map((c) => joinKey(c.kind, c.value)));
    for (const key of own) (once.has(key) ? twice : once).add(key);
  }
  return twice;
}

function sourcesIn(s: Sighting): Set<string> {
  const out = new Set<string>();
  const told = new Set<StoredObservation>();
  for (const seen of s.seen) {
    if (told.has(seen.base)) continue;
    told.add(seen.base);
    for (const c of claimsOf(seen)) if (c.joins && CUT_KINDS.has(c.kind)) out.add(`${c.kind}|${sourceOf(seen)}`);
  }
  return out;
}

export class LivePlaces {
  readonly #places = new Map<string, PlaceState>();
  readonly #shared: Shared[] = [];
  readonly #cloned: ReadonlySet<string>;
  #sharedTouched = false;

  constructor(grouping: Grouping) {
    this.#cloned = grouping.cloned;
    const deviceOf = new Map(grouping.groups.flatMap((g) => g.sightings.map((s) => [s.key, g.id] as const)));
    const keys = sharedKeys(grouping.sightings);
    // The parts of a place follow each other: the last one stays.
    for (const s of grouping.sightings) {
      const isShared = [...s.claims.values()].some((c) => c.joins && keys.has(joinKey(c.kind, c.value)));
      let shared: PlaceState["shared"] = null;
      if (isShared) {
        const sighting: Shared = { ...bare(s), identityAt: [...s.identityAt], missedAt: [...s.missedAt] };
        const answered = new Set<string>();
        for (const seen of s.seen) isMissed(seen, answered);
        this.#shared.push(sighting);
        shared = { sighting, answered };
      }
      this.#places.set(s.place, {
        sighting: bare(s),
        device: deviceOf.get(s.key) ?? null,
        sources: sourcesIn(s),
        calm: new WeakMap(),
        shared,
      });
    }
  }

  /** @returns the device it is of and whether it shows who that is; undefined where the grouping may differ from now on */
  take(seen: Seen): { readonly device: string | null; readonly identity: boolean } | undefined {
    const place = this.#places.get(`${seen.vantage}|${addressOf(seen.subject)}|${seen.link ?? ""}`);
    if (place === undefined || (place.sighting.alive === null && isSignOfLife(seen))) return undefined;
    const claims = place.calm.get(seen.base) ?? claimsOf(seen);
    if (!place.calm.has(seen.base)) {
      if (!claims.every((c) => this.#isKnown(place, seen, c))) return undefined;
      place.calm.set(seen.base, claims);
    }
    const identity = isIdentity(seen, claims, place.sighting.claims);
    if (place.shared !== null) {
      const { sighting, answered } = place.shared;
      this.#sharedTouched = true;
      if (isMissed(seen, answered)) sighting.missedAt.push(seen.at);
      if (identity) {
        const after = sighting.identityAt.findLastIndex((t) => t <= seen.beganAt);
        sighting.identityAt.splice(after + 1, 0, seen.beganAt);
      }
    }
    return { device: place.device, identity };
  }

  /** A claim that the part has made before, by a source that has spoken in it: it neither joins nor cuts anew. */
  #isKnown({ sighting, sources }: PlaceState, seen: Seen, c: Claim): boolean {
    if (!sighting.claims.has(`${c.kind}|${c.value}`)) return false;
    return !c.joins || !CUT_KINDS.has(c.kind) || sources.has(`${c.kind}|${sourceOf(seen)}`);
  }

  /** Whether the same identifiers as before are cloned, after what was taken. */
  get steady(): boolean {
    if (!this.#sharedTouched) return true;
    this.#sharedTouched = false;
    const cloned = clonedIdentifiers(this.#shared);
    return cloned.size === this.#cloned.size && cloned.isSubsetOf(this.#cloned);
  }
}
