import { expect, test } from "vitest";
import { Recorder, T0 } from "../../test/derive/recorder.ts";
import { placeInTime, vantageOf } from "./history.ts";

const A = "198.18.0.5";

test("a clock that is ahead is held to the storage time, one that steps back does not turn time", () => {
  const r = new Recorder();
  r.notify(0, A, "ssdp:alive", "u");
  const ahead = {
    ...r.tell(1000, { probe: "http.root", address: A, endpoint: "tcp/80", facts: { status: 200 } }),
    wallAt: T0 + 86_400_000,
  };
  const back = { ...r.tell(2000, { probe: "http.root", address: A, endpoint: "tcp/81", facts: { status: 200 } }), wallAt: T0 - 86_400_000 };
  const [first] = r.observations;
  if (first === undefined) throw new Error("one was told");
  const times = placeInTime([back, ahead, first], T0 + 10_000).seen.map((s) => s.at - T0);
  expect(times).toEqual([0, 1050, 1050]);
});

test("what was stored twice counts once, at its earliest storage, in whatever order it is read", () => {
  const r = new Recorder();
  const ahead = { ...r.tell(0, { probe: "http.root", address: A, endpoint: "tcp/80", facts: { status: 200 } }), wallAt: T0 + 86_400_000 };
  const again = { ...ahead, storedAt: ahead.storedAt + 60_000 };
  for (const read of [
    [ahead, again],
    [again, ahead],
  ]) {
    const { seen, clonedAgents, reports } = placeInTime(read, T0 + 120_000);
    expect(seen.map((s) => [s.id, s.at])).toEqual([["a1/e1/1", ahead.storedAt]]);
    expect([clonedAgents, reports.get("a1")]).toEqual([[], [ahead.storedAt]]);
  }
});

test("a later epoch follows an earlier one, whatever its seq", () => {
  const old = new Recorder("a1", "zz", T0 - 5000);
  old.notify(1000, A, "ssdp:alive", "u");
  const fresh = new Recorder("a1", "aa", T0);
  fresh.notify(500, A, "ssdp:alive", "u");
  const seen = placeInTime([...fresh.observations, ...old.observations], T0 + 10_000).seen;
  expect(seen.map((s) => s.id)).toEqual(["a1/zz/1", "a1/aa/1"]);
  expect(seen.map((s) => s.at - T0)).toEqual([550, 550]);
});

test("a confirmation stands with the facts of its base; one whose hash is another extends nothing", () => {
  const r = new Recorder();
  r.http(0, A, 80);
  r.http(1000, A, 80);
  const seen = placeInTime(r.observations, T0 + 10_000).seen;
  expect(seen.map((s) => [s.id, s.baseId, s.facts?.["status"]])).toEqual([
    ["a1/e1/1", "a1/e1/1", 301],
    ["a1/e1/2", "a1/e1/1", 301],
  ]);
  const [base, confirmation] = r.observations;
  if (base === undefined || confirmation?.confirm == null) throw new Error("facts and a confirmation were told");
  expect(placeInTime([base, { ...confirmation, confirm: { ...confirmation.confirm, hash: "other" } }], T0 + 10_000).seen).toHaveLength(1);
});

test("a link address that was not known at one moment is that of the moments around it", () => {
  const r = new Recorder();
  r.http(0, A, 80);
  r.describe(1000, A, { uuid: "u" }, { link: "00:40:8c:12:34:56" });
  r.http(2000, A, 80);
  expect(placeInTime(r.observations, T0 + 10_000).seen.map((s) => s.link)).toEqual(Array.from({ length: 3 }, () => "00:40:8c:12:34:56"));
});

test("all imported audits are one vantage", () => {
  expect([vantageOf("audit-1f2e"), vantageOf("audit-99"), vantageOf("a1")]).toEqual(["audit", "audit", "a1"]);
});
