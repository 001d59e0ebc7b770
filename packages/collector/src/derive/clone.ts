/** Identifiers that several hosts hold at the same time: every unit of a model may carry one serial. They are demoted. */
import type { Sighting } from "./sighting.ts";

/** Identifier under which it joins: a link address and an interface address told by SNMP are one namespace. */
export function joinKey(kind: string, value: string): string {
  return `${kind === "if-mac" ? "mac" : kind}|${value}`;
}

function holderOf(s: Sighting): string {
  return s.link ?? s.address;
}

/** Whether the host itself told this link address as one of its interfaces. */
function lists(s: Sighting, link: string | null): boolean {
  return link !== null && s.claims.has(`if-mac|${link}`);
}

/** First index with value > x in an ascending list. */
function above(list: readonly number[], x: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((list[mid] as number) > x) high = mid;
    else low = mid + 1;
  }
  return low;
}

/**
 * True where `a` showed itself before and after `b` did, and nothing says that `a` was gone in between: both are alive.
 * A missed look in between means that the host may have moved there and back.
 */
function surrounds(a: Sighting, b: Sighting): boolean {
  for (const at of b.identityAt) {
    const next = above(a.identityAt, at);
    const later = a.identityAt[next];
    if (later === undefined) return false;
    const before = a.identityAt.slice(0, next).findLast((t) => t < at);
    if (before === undefined) continue;
    const missed = a.missedAt[above(a.missedAt, before)];
    if (missed === undefined || missed > later) return true;
  }
  return false;
}

/**
 * Identifiers (as `joinKey`) held by different hosts of one vantage that are alive at the same time, unless one of them lists
 * the link address of the other as its own interface.
 */
export function clonedIdentifiers(sightings: readonly Sighting[]): Set<string> {
  const holders = new Map<string, Sighting[]>();
  for (const s of sightings) {
    for (const c of s.claims.values()) {
      if (!c.joins || c.kind === "mac") continue;
      const key = joinKey(c.kind, c.value);
      const list = holders.get(key) ?? [];
      if (list.at(-1) !== s) holders.set(key, [...list, s]);
    }
  }
  const cloned = new Set<string>();
  for (const [key, list] of holders) {
    if (list.length < 2) continue;
    const clash = list.some((a) =>
      list.some(
        (b) =>
          a !== b && a.vantage === b.vantage && holderOf(a) !== holderOf(b) && !(lists(a, b.link) || lists(b, a.link)) && surrounds(a, b),
      ),
    );
    if (clash) cloned.add(key);
  }
  return cloned;
}
