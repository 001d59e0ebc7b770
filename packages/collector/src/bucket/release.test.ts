import { expect, it } from "vitest";
import { NO_DECISIONS, Recorder, T0 } from "../../test/derive/recorder.ts";
import { NOTHING_STORED, type StoredObservation } from "../derive/index.ts";
import { SiteWork } from "./site-work.ts";

const LOOKS = 6_100;

/** A look a second: the first tells facts, the others confirm them. */
const recorder = new Recorder();
for (let seq = 1; seq <= LOOKS; seq++) recorder.http(seq * 1_000, "127.43.0.1", 80);
const look = (seq: number) => recorder.observations[seq - 1] as StoredObservation;

function advance(work: SiteWork, from: number, to: number): void {
  for (let seq = from; seq <= to; seq++) work.add(look(seq));
  const at = T0 + to * 1_000 + 500;
  const step = work.derive(NO_DECISIONS, at);
  if (step === null) throw new Error("everything would have to be read again");
  work.applied(step, at);
}

it("knows what it put out of memory when it is read again, and holds a bounded number whatever comes", () => {
  const work = new SiteWork("t", "s", NOTHING_STORED);
  for (let from = 1; from < 6_000; from += 100) advance(work, from, from + 99);
  work.release();
  expect(work.observationCount).toBeLessThan(70);
  expect(work.has(look(5_700))).toBe(true);
  // Ten minutes back, as a reading of the whole overlap has it.
  for (let seq = 5_401; seq <= 6_000; seq++) expect(work.add(look(seq))).toBe(null);
  advance(work, 6_001, LOOKS);
  expect(work.steps.whole).toBeLessThanOrEqual(2);
});

it("reads everything again for what was never seen and comes late", () => {
  const work = new SiteWork("t", "s", NOTHING_STORED);
  for (let from = 1; from < 1_000; from += 100) advance(work, from, from + 99);
  work.release();
  const late = { ...look(500), contentHash: "f".repeat(64) };
  expect(work.add(late)).toBe("confirmation");
  expect(work.derive(NO_DECISIONS, T0 + 2_000_000)).toBe(null);
});

it("holds as much of a device that changes all the time as of one that does not, and goes on telling its changes", () => {
  const flapping = new Recorder();
  const work = new SiteWork("t", "s", NOTHING_STORED);
  const sizes: number[] = [];
  let events = 0;
  for (let n = 1; n <= 300; n++) {
    flapping.ports(n * 30_000, "127.43.0.1", "guard", n % 2 === 0 ? [80, [23, "telnet"]] : [80], [23, 80]);
    for (const o of flapping.observations.slice(-1)) work.add(o);
    const at = T0 + n * 30_000 + 5_000;
    const step = work.derive(NO_DECISIONS, at);
    if (step === null) throw new Error("everything would have to be read again");
    work.applied(step, at);
    events += step.rows.event.length;
    if (n % 100 !== 0) continue;
    work.release();
    sizes.push(work.stored.beliefs.size + work.stored.events.size + work.observationCount);
  }
  expect(events).toBeGreaterThan(300);
  expect(sizes[2]).toBeLessThanOrEqual((sizes[0] ?? 0) + 2);
  expect(sizes[0]).toBeLessThan(120);
});
