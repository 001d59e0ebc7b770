import { pino } from "pino";
import { expect, it } from "vitest";
import { DeriveWorker, type WorkerOptions } from "./worker.ts";

/** Of one site, in a process that holds everything or nothing; never started, so no bucket is open. */
function worker(o: { readonly holds: boolean; readonly sites: number }): DeriveWorker {
  const unused = {} as never;
  const options: WorkerOptions = {
    store: unused,
    bus: unused,
    metrics: unused,
    logger: pino({ level: "silent" }),
    buckets: 8,
    sites: () => Array.from({ length: o.sites }, (_, i) => ({ tenant: "t", site: `s${i}` })),
    decisions: unused,
    onApplied: unused,
    holds: () => o.holds,
    sweepMs: 1,
  };
  return new DeriveWorker(options);
}

it("is ready once every bucket that it holds and that has a site is open", () => {
  expect(worker({ holds: true, sites: 1 }).ready).toBe(false);
  expect(worker({ holds: false, sites: 1 }).ready).toBe(true);
  expect(worker({ holds: true, sites: 0 }).ready).toBe(true);
});
