/** Which sightings are one device: a pure function of the site's identifiers and of what people decided. */
import { compareText } from "./canonical.ts";
import { clonedIdentifiers, joinKey } from "./clone.ts";
import type { Seen } from "./history.ts";
import { type Sighting, sightingsOf } from "./sighting.ts";
import type { Decisions, Device, SiteInput } from "./types.ts";

export interface Group {
  readonly id: string;
  readonly founding: string;
  /** Recorded ids whose founding sighting is in this group too. */
  readonly aliases: readonly string[];
  readonly sightings: readonly Sighting[];
  readonly joins: Device["joins"];
  /** First sign of life, ms. */
  readonly aliveAt: number;
  /** Another device stood at the same place before this one. */
  readonly replaces: string | null;
}

export interface Grouping {
  readonly groups: readonly Group[];
  /** Also those that are no device's. */
  readonly sightings: readonly Sighting[];
  /** Identifiers (as `joinKey`) that no longer join. */
  readonly cloned: ReadonlySet<string>;
  /** When a sighting that is not yet a device becomes one by time alone, ms. */
  readonly nextChangeAt: number | null;
}

export interface GroupInput {
  readonly seen: readonly Seen[];
  readonly known: SiteInput["known"];
  readonly overrules: Decisions["overrules"];
  readonly at: number;
  /** How long a host without a joining identifier is waited for before it is a device of its own, ms. */
  readonly settleMs: number;
  /** Device id from a text; the same text gives the same id. */
  readonly hash: (text: string) => string;
}

const JOIN_KINDS = ["serial", "uuid", "engine-id", "mac"];

/** Sets of sightings that grow together, unless two of them must stay apart. */
class Components {
  readonly #parent: number[];
  readonly #serials: Set<string>[];
  /** Sides of a person's "split": "<overrule>:a" and "<overrule>:b" must not meet. */
  readonly #sides: Set<string>[];

  constructor(sightings: readonly Sighting[]) {
    this.#parent = sightings.map((_, i) => i);
    this.#serials = sightings.map((s) => new Set(s.serials));
    this.#sides = sightings.map(() => new Set());
  }

  find(i: number): number {
    let root = i;
    while (this.#parent[root] !== root) root = this.#parent[root] as number;
    while (this.#parent[i] !== root) {
      const next = this.#parent[i] as number;
      this.#parent[i] = root;
      i = next;
    }
    return root;
  }

  mark(i: number, side: string): void {
    (this.#sides[this.find(i)] as Set<string>).add(side);
  }

  /** @returns false where they must stay apart; a person's "join" overrides serials, never a "split". */
  union(i: number, j: number, byPerson = false): boolean {
    const [a, b] = [this.find(i), this.find(j)];
    if (a === b) return true;
    const [sa, sb] = [this.#serials[a] as Set<string>, this.#serials[b] as Set<string>];
    if (!byPerson && sa.size > 0 && sb.size > 0 && sa.isDisjointFrom(sb)) return false;
    const [da, db] = [this.#sides[a] as Set<string>, this.#sides[b] as Set<string>];
    const opposite = (side: string): string => (side.endsWith(":a") ? `${side.slice(0, -1)}b` : `${side.slice(0, -1)}a`);
    if ([...da].some((side) => db.has(opposite(side)))) return false;
    this.#parent[b] = a;
    this.#serials[a] = sa.union(sb);
    this.#sides[a] = da.union(db);
    return true;
  }
}

/**
 * Of each sighting: itself and the observation that first gave it life; stored with the device, so that its id can be found again. Under one key two
 * agents may have told of two hosts, one after the other at one place: those are counted.
 */
function foundingsOf(sightings: readonly Sighting[]): readonly string[] {
  const times = new Map<string, number>();
  return sightings.map(({ place, alive }) => {
    const key = `${place}|${alive?.observation ?? ""}`;
    const n = (times.get(key) ?? 0) + 1;
    times.set(key, n);
    return n === 1 ? key : `${key}|${n}`;
  });
}

/** Finds the sightings of recorded foundings, also where earlier observations came in or cuts were made since. */
function locate(sightings: readonly Sighting[], foundings: readonly string[], known: SiteInput["known"]): Map<string, number> {
  const byFounding = new Map(foundings.map((founding, i) => [founding, i]));
  const byObservation = new Map<string, number>();
  const byPlace = new Map<string, number>();
  sightings.forEach((s, i) => {
    const place = `${s.vantage}|${s.address}`;
    if (!byPlace.has(place)) byPlace.set(place, i);
    for (const seen of s.seen) if (!byObservation.has(seen.id)) byObservation.set(seen.id, i);
  });
  const out = new Map<string, number>();
  for (const founding of known.keys()) {
    // The link address of a sighting may have become known since: the observation, else the address, tells which it is.
    const [vantage, address, , observation] = founding.split("|");
    const i = byFounding.get(founding) ?? byObservation.get(observation ?? "") ?? byPlace.get(`${vantage}|${address}`);
    if (i !== undefined) out.set(founding, i);
  }
  return out;
}

function overrule(components: Components, input: GroupInput, located: ReadonlyMap<string, number>): void {
  const byId = new Map<string, number>();
  for (const [founding, { id }] of input.known) {
    const i = located.get(founding);
    if (i !== undefined) byId.set(id, i);
  }
  const valid = input.overrules
    .filter((o) => o.from <= input.at)
    .toSorted((x, y) => compareText(x.kind, y.kind) || x.from - y.from || compareText(x.a, y.a) || compareText(x.b, y.b));
  valid.forEach((o, n) => {
    const [a, b] = [byId.get(o.a), byId.get(o.b)];
    if (o.kind !== "split" || a === undefined || b === undefined) return;
    components.mark(a, `${n}:a`);
    components.mark(b, `${n}:b`);
  });
  for (const o of valid) {
    const [a, b] = [byId.get(o.a), byId.get(o.b)];
    if (o.kind === "join" && a !== undefined && b !== undefined) components.union(a, b, true);
  }
}

/** Connects what shares a joining identifier, strongest kind first, each holder to the latest earlier one that it can join. */
function connect(
  sightings: readonly Sighting[],
  cloned: ReadonlySet<string>,
  components: Components,
): Map<number, Device["joins"][number][]> {
  const holders = new Map<string, { i: number; at: number }[]>();
  sightings.forEach((s, i) => {
    for (const c of s.claims.values()) {
      const key = joinKey(c.kind, c.value);
      if (!c.joins || cloned.has(key)) continue;
      const list = holders.get(key) ?? [];
      const own = list.find((h) => h.i === i);
      if (own === undefined) holders.set(key, [...list, { i, at: c.firstSeenAt }]);
      else own.at = Math.min(own.at, c.firstSeenAt);
    }
  });
  const rank = (key: string): number => JOIN_KINDS.indexOf(key.slice(0, key.indexOf("|")));
  const joins = new Map<number, Device["joins"][number][]>();
  for (const [key, list] of [...holders].sort(([x], [y]) => rank(x) - rank(y) || compareText(x, y))) {
    list.sort((x, y) => x.at - y.at || x.i - y.i);
    list.forEach((holder, n) => {
      for (let m = n - 1; m >= 0; m--) {
        const earlier = list[m] as { i: number; at: number };
        if (!components.union(earlier.i, holder.i)) continue;
        const [a, b] = [sightings[earlier.i] as Sighting, sightings[holder.i] as Sighting];
        const identifier = key.slice(0, key.indexOf("|"));
        const join = { identifier, value: key.slice(identifier.length + 1), a: a.key, b: b.key, at: holder.at };
        joins.set(holder.i, [...(joins.get(holder.i) ?? []), join]);
        break;
      }
    });
  }
  return joins;
}

export function group(input: GroupInput): Grouping {
  const sightings = sightingsOf(input.seen);
  const cloned = clonedIdentifiers(sightings);
  const components = new Components(sightings);
  const foundings = foundingsOf(sightings);
  const located = locate(sightings, foundings, input.known);
  overrule(components, input, located);
  const joins = connect(sightings, cloned, components);

  const members = new Map<number, number[]>();
  sightings.forEach((_, i) => {
    const root = components.find(i);
    members.set(root, [...(members.get(root) ?? []), i]);
  });
  const recorded = new Map<number, { founding: string; id: string; recordedAt: number }[]>();
  for (const [founding, i] of located) {
    const root = components.find(i);
    const entry = input.known.get(founding) as { id: string; recordedAt: number };
    recorded.set(root, [...(recorded.get(root) ?? []), { founding, ...entry }]);
  }

  const groups: Group[] = [];
  let nextChangeAt: number | null = null;
  const groupOf = new Map<string, string>();
  for (const [root, indices] of members) {
    const parts = indices.map((i) => sightings[i] as Sighting);
    const lively = indices
      .map((i) => ({ founding: foundings[i] as string, ...(sightings[i] as Sighting) }))
      .filter((s) => s.alive !== null)
      .sort((x, y) => (x.alive?.at ?? 0) - (y.alive?.at ?? 0) || compareText(x.key, y.key));
    const [founder] = lively;
    if (founder?.alive == null) continue;
    const ids = (recorded.get(root) ?? []).sort((x, y) => x.recordedAt - y.recordedAt || compareText(x.id, y.id));
    const identified = parts.some((s) => [...s.claims.values()].some((c) => c.joins && !cloned.has(joinKey(c.kind, c.value))));
    const dueAt = founder.alive.at + input.settleMs;
    if (ids.length === 0 && !identified && dueAt > input.at) {
      nextChangeAt = Math.min(nextChangeAt ?? dueAt, dueAt);
      continue;
    }
    const founding = ids[0]?.founding ?? founder.founding;
    const id = ids[0]?.id ?? input.hash(`device|${founding}`);
    for (const s of parts) groupOf.set(s.key, id);
    groups.push({
      id,
      founding,
      aliases: [...new Set(ids.slice(1).map((x) => x.id))].filter((x) => x !== id),
      sightings: parts,
      joins: indices.flatMap((i) => joins.get(i) ?? []).sort((x, y) => x.at - y.at || compareText(canonicalJoin(x), canonicalJoin(y))),
      aliveAt: founder.alive.at,
      replaces: null,
    });
  }
  const withPast = groups.map((g) => {
    const before = g.sightings
      .flatMap((s) => (s.after === null ? [] : [groupOf.get(s.after)]))
      .find((id) => id !== undefined && id !== g.id);
    return before === undefined || before === null ? g : { ...g, replaces: before };
  });
  return { groups: withPast.sort((x, y) => x.aliveAt - y.aliveAt || compareText(x.id, y.id)), sightings, cloned, nextChangeAt };
}

function canonicalJoin(j: Device["joins"][number]): string {
  return `${j.identifier}|${j.value}|${j.a}|${j.b}`;
}
