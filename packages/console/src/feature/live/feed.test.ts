import type { Event } from "@vedette/collector/api";
import { expect, test } from "vitest";
import { EMPTY_FEED, type Feed, type FeedAction, feedAfter, filterRows } from "./feed.ts";

function event(id: string, severity: Event["data"]["severity"] = "info", type = "vedette.v1.transition"): Event {
  return {
    specversion: "1.0",
    id,
    source: "/vedette/demo/demo",
    type,
    time: "2026-03-03T14:00:00Z",
    data: { reason: { en: id, "zh-TW": id }, severity, evidence: [] },
  };
}

const run = (actions: readonly FeedAction[], from: Feed = EMPTY_FEED) => actions.reduce(feedAfter, from);
const keys = (feed: Feed) => feed.rows.map((r) => r.key);

test("newest on top, history below, each once", () => {
  const feed = run([
    { type: "event", event: event("c"), at: 3 },
    { type: "history", events: [event("c"), event("b"), event("a")] },
    { type: "event", event: event("d"), at: 4 },
    { type: "event", event: event("d"), at: 4 },
  ]);
  expect(keys(feed)).toEqual(["d", "c", "b", "a"]);
});

test("paused, it counts what waits and shows it when resumed", () => {
  const paused = run([
    { type: "event", event: event("a"), at: 1 },
    { type: "pause" },
    { type: "event", event: event("b"), at: 2 },
    { type: "event", event: event("c"), at: 3 },
  ]);
  expect(keys(paused)).toEqual(["a"]);
  expect(paused.waiting).toHaveLength(2);
  const resumed = feedAfter(paused, { type: "resume" });
  expect(keys(resumed)).toEqual(["c", "b", "a"]);
  expect(resumed.waiting).toEqual([]);
});

test("it says that it was away, and how many events came meanwhile", () => {
  const feed = run([
    { type: "event", event: event("a"), at: 1_000 },
    { type: "lost", at: 2_000 },
    { type: "lost", at: 2_500 },
    { type: "back", at: 9_000 },
    { type: "event", event: event("b"), at: 9_100 },
    { type: "event", event: event("c"), at: 9_200 },
    { type: "event", event: event("d"), at: 60_000 },
  ]);
  expect(keys(feed)).toEqual(["d", "away-2000", "c", "b", "a"]);
  expect(feed.rows[1]).toEqual({ kind: "away", key: "away-2000", from: 2_000, to: 9_000, missed: 2 });
});

test("filters keep the marks of absence", () => {
  const feed = run([
    { type: "event", event: event("a", "high", "vedette.v1.drift"), at: 1 },
    { type: "event", event: event("b", "info"), at: 2 },
    { type: "lost", at: 3 },
    { type: "back", at: 4 },
  ]);
  expect(filterRows(feed.rows, null, "medium").map((r) => r.key)).toEqual(["away-3", "a"]);
  expect(filterRows(feed.rows, "transition", "info").map((r) => r.key)).toEqual(["away-3", "b"]);
});
