import { describe, expect, it } from "vitest";
import { NO_DECISIONS, Recorder, T0 } from "../../test/derive/recorder.ts";
import { NOTHING_STORED } from "../derive/index.ts";
import { SiteWork } from "./site-work.ts";

describe("a site's work", () => {
  it("is due from the start, and again after what is decided while a step is under way", () => {
    const work = new SiteWork("t", "s", NOTHING_STORED);
    expect(work.dueAt).toBe(0);
    const step = work.derive(NO_DECISIONS, 1_000);
    work.due(0);
    if (step !== null) work.applied(step, 1_000);
    expect(work.dueAt).toBe(0);
    const next = work.derive(NO_DECISIONS, 2_000);
    if (next !== null) work.applied(next, 2_000);
    expect(work.dueAt).toBeNull();
  });

  it("takes an observation once, however often it was stored, and another content under its key as well", () => {
    const r = new Recorder();
    const look = r.tell(0, { probe: "http.root", address: "198.18.0.5", endpoint: "tcp/80", facts: { status: 200 } });
    const work = new SiteWork("t", "s", NOTHING_STORED);
    expect(work.add(look)).toBe("change");
    expect(work.add(look)).toBeNull();
    expect(work.add({ ...look, storedAt: look.storedAt + 60_000 })).toBeNull();
    expect(work.observationCount).toBe(1);
    expect(work.readThrough).toBe(look.storedAt + 60_000);
    expect(work.add({ ...look, contentHash: "f".repeat(64) })).toBe("change");
    expect(work.observationCount).toBe(2);
  });

  it("says since when something waits, until it is derived", () => {
    const r = new Recorder();
    r.http(0, "198.18.0.5", 80);
    const [look] = r.observations;
    if (look === undefined) throw new Error("one was told");
    const work = new SiteWork("t", "s", NOTHING_STORED);
    expect(work.waitingSince).toBeNull();
    work.add({ ...look, seq: look.seq + 1, storedAt: look.storedAt + 5_000 });
    work.add(look);
    expect(work.waitingSince).toBe(look.storedAt);
    const step = work.derive(NO_DECISIONS, look.storedAt + 10_000);
    if (step !== null) work.applied(step, look.storedAt + 10_000);
    expect(work.waitingSince).toBeNull();
    // What is known whole waits for nothing.
    work.add(look);
    expect(work.waitingSince).toBeNull();
  });

  it("derives everything again when an observation turns out to have been stored earlier", () => {
    const r = new Recorder();
    r.http(0, "198.18.0.5", 80);
    const [told] = r.observations;
    if (told === undefined) throw new Error("one was told");
    // Its clock is a day ahead, so it stands at the time of its storage.
    const look = { ...told, wallAt: T0 + 86_400_000 };
    const work = new SiteWork("t", "s", NOTHING_STORED);
    const firstSeen = (at: number) => {
      const step = work.derive(NO_DECISIONS, at);
      if (step === null) throw new Error("nothing was put out of memory");
      work.applied(step, at);
      return work.present?.devices.map((d) => d.firstSeenAt);
    };
    const late = look.storedAt + 60_000;
    work.add({ ...look, storedAt: late });
    expect(firstSeen(late + 10_000)).toEqual([late]);
    work.add(look);
    expect(firstSeen(late + 20_000)).toEqual([look.storedAt]);
    expect(work.steps).toEqual({ whole: 2, further: 0 });
  });
});
