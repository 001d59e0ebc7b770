/** The addresses of one device over time: which it has, which it left for another, when it was gone altogether. */
import type { Group } from "./group.ts";
import type { Seen } from "./history.ts";
import { type Changes, MISSES_TO_VANISH, Place } from "./place.ts";
import type { Span } from "./span.ts";

/** A new address that answered no longer than this beside the old one took its place, ms. */
const MOVE_OVERLAP_MS = 600_000;

export interface Move {
  readonly from: Place;
  readonly to: Place;
  readonly succession: Changes;
}

export interface Step {
  readonly place: Place;
  readonly changes: Changes;
  readonly moves: readonly Move[];
  readonly appeared: boolean;
  readonly vanished: boolean;
  readonly returned: boolean;
  /** Beside `changes.dirty`: the set of addresses is another. */
  readonly dirty: boolean;
}

export class Visits {
  readonly #places = new Map<string, Place>();
  /** Weak, so that it does not outlive what was seen. */
  readonly #identity: WeakSet<Seen>;
  firstLifeAt: number | null = null;
  lastLifeAt: number | null = null;
  vanishedAt: number | null = null;

  constructor(group: Group) {
    this.#identity = new WeakSet(group.sightings.flatMap((s) => [...s.identitySeen]));
  }

  /** The host shows who it is in this one too. */
  identify(seen: Seen): void {
    this.#identity.add(seen);
  }

  /** Addresses that count, as they came. */
  get active(): Place[] {
    return [...this.#places.values()].filter((p) => p.active);
  }

  #placeOf(vantage: string, address: string): Place {
    const key = `${vantage}|${address}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = new Place(vantage, address);
    this.#places.set(key, place);
    return place;
  }

  absorb(seen: Seen, address: string, span: Span | null): Step {
    const place = this.#placeOf(seen.vantage, address);
    const changes = place.absorb(seen, span);
    const appeared = changes.life && this.firstLifeAt === null;
    if (changes.life) {
      this.firstLifeAt ??= seen.at;
      this.lastLifeAt = seen.at;
      if (this.#identity.has(seen)) place.identifiedAt ??= seen.at;
    }
    const settled = this.#settle(place, seen);
    const active = this.active;
    const gone = active.length > 0 && active.every((p) => p.misses >= MISSES_TO_VANISH);
    const vanished = gone && this.vanishedAt === null;
    const returned = this.vanishedAt !== null && !gone && (changes.life || settled.moves.length > 0) && place.active;
    if (vanished) this.vanishedAt = seen.at;
    if (returned) this.vanishedAt = null;
    return { place, changes, moves: settled.moves, appeared, vanished, returned, dirty: settled.dirty };
  }

  /**
   * An address joins the device's addresses at once where it has none there; else it is waited for until the device proves itself at
   * it, and the old address either fails (it moved) or answers again (it has both). So a move never shows half-looked-at endpoints.
   */
  #settle(touched: Place, seen: Seen): { moves: Move[]; dirty: boolean } {
    const moves: Move[] = [];
    let dirty = false;
    const here = [...this.#places.values()].filter((p) => p.vantage === touched.vantage);
    for (const place of here) {
      if (place.active || place.visitAt === null) continue;
      const { visitAt, identifiedAt } = place;
      const others = here.filter((p) => p.active);
      if (others.length === 0) {
        place.active = true;
        dirty = true;
        continue;
      }
      if (identifiedAt === null) continue;
      // A look that began before the move may be told after it: two misses outweigh such a late answer.
      const left = others.find((p) => p.goneAt !== null && ((p.lastLifeAt ?? 0) <= visitAt || p.misses >= 2));
      if (left !== undefined) {
        place.active = true;
        moves.push({ from: left, to: place, succession: place.succeed(left, seen) });
        dirty = true;
      } else if (others.every((p) => p.lastLifeAt !== null && p.lastLifeAt > identifiedAt)) {
        place.active = true;
        dirty = true;
      }
    }
    dirty = this.#dropSilent(here, seen, moves) || dirty;
    return { moves, dirty };
  }

  /**
   * One of several addresses that stays silent while another answers is the device's no more; where the other was new when it fell
   * silent, that was the move.
   */
  #dropSilent(here: readonly Place[], seen: Seen, moves: Move[]): boolean {
    const active = here.filter((p) => p.active);
    const answering = active.filter((p) => p.misses === 0).sort((a, b) => (b.visitAt ?? 0) - (a.visitAt ?? 0));
    const [newest] = answering;
    if (newest === undefined) return false;
    const silent = active.filter((p) => p.misses >= MISSES_TO_VANISH);
    for (const place of silent) {
      const isMove = (newest.visitAt ?? 0) > (place.visitAt ?? 0) && (place.lastLifeAt ?? 0) - (newest.visitAt ?? 0) < MOVE_OVERLAP_MS;
      if (isMove) moves.push({ from: place, to: newest, succession: newest.succeed(place, seen) });
      else place.leave();
    }
    return silent.length > 0;
  }
}
