/** What a quiet device takes in the memory of its holder, whatever the number of its confirmations (docs/derive.md states the bound). */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { HOUR, round, START } from "../../test/derive/quiet-site.ts";
import { NO_DECISIONS } from "../../test/derive/recorder.ts";
import { NOTHING_STORED } from "../derive/index.ts";
import { SiteWork } from "./site-work.ts";

const DEVICES = 60;
const LOOKS = 10;
const BOUND_BYTES = 256 * 1024;
/** Of a device and a day; a heap is never measured to the byte. */
const GROWTH_BYTES = 16 * 1024;

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

function heap(): number {
  gc();
  return process.memoryUsage().heapUsed;
}

/** Plays hours of the site, a step each. */
function play(work: SiteWork, hours: readonly number[]): void {
  for (const hour of hours) {
    for (const o of round(DEVICES, hour)) work.add(o);
    const at = START + (hour + 1) * HOUR;
    const step = work.derive(NO_DECISIONS, at);
    if (step === null) throw new Error("a quiet site needs nothing read again");
    work.applied(step, at + 1);
  }
  work.release();
}

it("stays under its bound and does not grow by the day", { timeout: 120_000 }, () => {
  // Code and catalogue are loaded by another site.
  play(new SiteWork("t", "warm", NOTHING_STORED), [0, 1]);
  const before = heap();
  const work = new SiteWork("t", "s", NOTHING_STORED);
  play(work, [0, 1, 2, 3]);
  const early = heap();
  play(
    work,
    Array.from({ length: 24 }, (_, i) => 4 + i),
  );
  const late = heap();
  expect((late - before) / DEVICES).toBeLessThan(BOUND_BYTES);
  expect((late - early) / DEVICES).toBeLessThan(GROWTH_BYTES);
  // Of each look its facts and its last confirmation.
  expect(work.observationCount).toBeLessThanOrEqual(DEVICES * LOOKS * 3);
  expect(work.devices).toBe(DEVICES);
});
