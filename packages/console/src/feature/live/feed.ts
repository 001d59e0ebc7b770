/** What the live screen holds: events newest first, what waits while it is paused, and times it was away. Pure. */
import type { Event } from "@vedette/collector/api";

export type Row =
  | { readonly kind: "event"; readonly key: string; readonly event: Event }
  /** The line was gone from `from` to `to`, ms; `missed` events came when it was back. */
  | { readonly kind: "away"; readonly key: string; readonly from: number; readonly to: number; readonly missed: number };

export interface Feed {
  readonly rows: readonly Row[];
  /** Came while paused, newest first. */
  readonly waiting: readonly Row[];
  readonly paused: boolean;
  /** Since when the line is gone, ms. */
  readonly awaySince: number | null;
  /** The mark that takes the events of a resumption, and when the line came back, ms. */
  readonly catchingUp: { readonly key: string; readonly at: number } | null;
  readonly seen: ReadonlySet<string>;
}

/** Rows kept on the screen; older ones stand in the events of REST. */
const MAX_ROWS = 1_000;
/** What comes this soon after the line is back was missed meanwhile, ms. */
const CATCH_UP_MS = 2_000;

export const EMPTY_FEED: Feed = { rows: [], waiting: [], paused: false, awaySince: null, catchingUp: null, seen: new Set() };

export type FeedAction =
  | { readonly type: "event"; readonly event: Event; readonly at: number }
  /** Events of before the subscription, newest first. */
  | { readonly type: "history"; readonly events: readonly Event[] }
  | { readonly type: "lost"; readonly at: number }
  | { readonly type: "back"; readonly at: number }
  | { readonly type: "pause" }
  | { readonly type: "resume" };

function eventRow(event: Event): Row {
  return { kind: "event", key: event.id, event };
}

function onTop(feed: Feed, row: Row): Feed {
  return feed.paused
    ? { ...feed, waiting: [row, ...feed.waiting].slice(0, MAX_ROWS) }
    : { ...feed, rows: [row, ...feed.rows].slice(0, MAX_ROWS) };
}

/** One more event for the mark of the last resumption, which stays above what it counts. */
function countMissed(feed: Feed, key: string): Feed {
  const count = (rows: readonly Row[]): readonly Row[] => {
    const mark = rows.find((r) => r.key === key);
    if (mark?.kind !== "away") return rows;
    return [{ ...mark, missed: mark.missed + 1 }, ...rows.filter((r) => r !== mark)];
  };
  return { ...feed, rows: count(feed.rows), waiting: count(feed.waiting) };
}

export function feedAfter(feed: Feed, action: FeedAction): Feed {
  switch (action.type) {
    case "event": {
      if (feed.seen.has(action.event.id)) return feed;
      const next = onTop({ ...feed, seen: new Set(feed.seen).add(action.event.id) }, eventRow(action.event));
      if (feed.catchingUp === null) return next;
      if (action.at - feed.catchingUp.at > CATCH_UP_MS) return { ...next, catchingUp: null };
      return countMissed(next, feed.catchingUp.key);
    }
    case "history": {
      const fresh = action.events.filter((e) => !feed.seen.has(e.id));
      const rows = [...feed.rows, ...fresh.map(eventRow)].slice(0, MAX_ROWS);
      return { ...feed, rows, seen: new Set([...feed.seen, ...fresh.map((e) => e.id)]) };
    }
    case "lost":
      return feed.awaySince === null ? { ...feed, awaySince: action.at, catchingUp: null } : feed;
    case "back": {
      if (feed.awaySince === null) return feed;
      const key = `away-${feed.awaySince}`;
      const mark: Row = { kind: "away", key, from: feed.awaySince, to: action.at, missed: 0 };
      return onTop({ ...feed, awaySince: null, catchingUp: { key, at: action.at } }, mark);
    }
    case "pause":
      return { ...feed, paused: true };
    case "resume":
      return { ...feed, paused: false, rows: [...feed.waiting, ...feed.rows].slice(0, MAX_ROWS), waiting: [] };
  }
}

const SEVERITIES = ["info", "low", "medium", "high"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** "transition" of "vedette.v1.transition" */
export function kindOf(event: Event): string {
  return event.type.slice(event.type.lastIndexOf(".") + 1);
}

export function atLeast(event: Event, severity: Severity): boolean {
  return SEVERITIES.indexOf(event.data.severity) >= SEVERITIES.indexOf(severity);
}

/** Marks of absence stay whatever the filter. */
export function filterRows(rows: readonly Row[], kind: string | null, severity: Severity): Row[] {
  return rows.filter((r) => r.kind === "away" || ((kind === null || kindOf(r.event) === kind) && atLeast(r.event, severity)));
}

/** Ids of events that one of these corrects. */
export function revisedBy(events: readonly Event[]): ReadonlySet<string> {
  return new Set(events.flatMap((e) => e.data.revises ?? []));
}

/** Events that still hold: what a later one corrects is left out. */
export function standing(events: readonly Event[]): Event[] {
  const revised = revisedBy(events);
  return events.filter((e) => !revised.has(e.id) && e.data.change !== "withdrawn");
}
