/** Sightings: (vantage, address, link address), cut in time where another host took the place. */
import { compareText } from "./canonical.ts";
import { factsAs, isMiss, isSignOfLife } from "./facts.ts";
import { addressOf, type Seen } from "./history.ts";
import { announcedUuids, type Claim, claimsOf } from "./identify.ts";

export interface Held extends Claim {
  readonly firstSeenAt: number;
  readonly observation: string;
}

export interface Sighting {
  /** "vantage|address|link", with "@<ms>" for the parts after a cut. Unique within the site. */
  readonly key: string;
  readonly place: string;
  readonly vantage: string;
  readonly address: string;
  readonly link: string | null;
  readonly seen: readonly Seen[];
  /** By "kind|value". */
  readonly claims: ReadonlyMap<string, Held>;
  /** Serial texts that may be compared, sorted. */
  readonly serials: readonly string[];
  /** When looks began in which the host showed one of its joining identifiers, ascending: a long one is told after others. */
  readonly identityAt: readonly number[];
  readonly identitySeen: ReadonlySet<Seen>;
  readonly missedAt: readonly number[];
  /** First sign of life and the observation that gave it; null: only refusals and silence. */
  readonly alive: { readonly at: number; readonly observation: string } | null;
  /** Key of the sighting that stood at this place before the cut. */
  readonly after: string | null;
}

export function serialText(value: string): string {
  return value.slice(value.lastIndexOf("|") + 1);
}

interface Run {
  readonly value: string;
  readonly start: number;
  end: number;
}

/** Where claims of one kind are read from: two descriptions on one host may well tell different serials. */
export function sourceOf(seen: Seen): string {
  const port = seen.subject.kind === "endpoint" ? seen.subject.port : 0;
  return `${seen.probe}|${port}|${factsAs(seen, "upnp.description")?.locationPath ?? ""}`;
}

/**
 * Positions in `seen` at which a new host begins, as its claims of one kind tell: all that told the old values has ended before
 * the first new value. What lies between belongs to the earlier part.
 */
function cutsOf(seen: readonly Seen[], claims: readonly (readonly Claim[])[], kind: Claim["kind"]): number[] {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  seen.forEach((s, i) => {
    for (const c of claims[i] ?? []) {
      if (c.kind !== kind || !c.joins) continue;
      const value = kind === "serial" ? serialText(c.value) : c.value;
      const run = open.get(sourceOf(s));
      if (run !== undefined && run.value === value) run.end = i;
      else {
        const next = { value, start: i, end: i };
        open.set(sourceOf(s), next);
        runs.push(next);
      }
    }
  });
  const cuts: number[] = [];
  let values = new Set<string>();
  let end = -1;
  for (const run of runs) {
    if (values.size > 0 && run.start > end && !values.has(run.value)) {
      cuts.push(run.start);
      values = new Set();
    }
    values.add(run.value);
    end = Math.max(end, run.end);
  }
  return cuts;
}

/**
 * Whether the host did not answer where it had answered before: what never answered is not missed.
 * @param answered what answered so far; what answers now is added
 */
export function isMissed(s: Seen, answered: Set<string>): boolean {
  const slot = s.subject.kind === "endpoint" ? `${s.probe}|${s.subject.transport}/${s.subject.port}` : "";
  if (isMiss(s)) return slot === "" || answered.has(slot);
  if (slot !== "") answered.add(slot);
  return false;
}

function missesOf(seen: readonly Seen[]): number[] {
  const answered = new Set<string>();
  return seen.filter((s) => isMissed(s, answered)).map((s) => s.at);
}

/** Whether the host showed who it is: a claim that joins, or an announcement under a UUID that it told by unicast. */
export function isIdentity(s: Seen, claims: readonly Claim[], held: ReadonlyMap<string, Pick<Held, "joins">>): boolean {
  if (!isSignOfLife(s)) return false;
  return claims.some((c) => c.joins) || announcedUuids(s).some((u) => held.get(`uuid|${u}`)?.joins === true);
}

function describe(
  place: string,
  from: number | null,
  after: string | null,
  seen: readonly Seen[],
  claims: readonly (readonly Claim[])[],
): Sighting {
  const [first] = seen as [Seen, ...Seen[]];
  const held = new Map<string, Held>();
  seen.forEach((s, i) => {
    for (const c of claims[i] ?? []) {
      const key = `${c.kind}|${c.value}`;
      if (!held.has(key)) held.set(key, { ...c, firstSeenAt: s.at, observation: s.baseId });
    }
  });
  const identityAt: number[] = [];
  const identitySeen = new Set<Seen>();
  seen.forEach((s, i) => {
    if (!isIdentity(s, claims[i] ?? [], held)) return;
    identityAt.push(s.beganAt);
    identitySeen.add(s);
  });
  const life = seen.find(isSignOfLife);
  const serials = [...held.values()].filter((h) => h.kind === "serial" && h.joins).map((h) => serialText(h.value));
  return {
    key: from === null ? place : `${place}@${from}`,
    place,
    vantage: first.vantage,
    address: addressOf(first.subject) ?? "",
    link: first.link,
    seen,
    claims: held,
    serials: [...new Set(serials)].sort(compareText),
    identityAt: identityAt.sort((a, b) => a - b),
    identitySeen,
    missedAt: missesOf(seen),
    alive: life === undefined ? null : { at: life.at, observation: life.id },
    after,
  };
}

/**
 * @param seen of one site, in time. Observations of no host (BSS, site) are left out.
 * With a link address only a serial can contradict; without one any identifier that joins does.
 */
export function sightingsOf(seen: readonly Seen[]): Sighting[] {
  const places = new Map<string, Seen[]>();
  for (const s of seen) {
    const address = addressOf(s.subject);
    if (address === null) continue;
    const place = `${s.vantage}|${address}|${s.link ?? ""}`;
    const list = places.get(place);
    if (list === undefined) places.set(place, [s]);
    else list.push(s);
  }
  const out: Sighting[] = [];
  for (const [place, list] of [...places].sort(([a], [b]) => compareText(a, b))) {
    const byBase = new Map<string, Claim[]>();
    const claims = list.map((s) => {
      const key = `${s.baseId}|${s.link}|${s.base.contentHash}`;
      let c = byBase.get(key);
      if (c === undefined) {
        c = claimsOf(s);
        byBase.set(key, c);
      }
      return c;
    });
    const kinds: Claim["kind"][] = list[0]?.link == null ? ["serial", "uuid", "engine-id"] : ["serial"];
    const cuts = [...new Set(kinds.flatMap((k) => cutsOf(list, claims, k)))].sort((a, b) => a - b);
    let after: string | null = null;
    let start = 0;
    for (const end of [...cuts, list.length]) {
      const part = describe(place, start === 0 ? null : (list[start] as Seen).at, after, list.slice(start, end), claims.slice(start, end));
      out.push(part);
      after = part.key;
      start = end;
    }
  }
  return out;
}
