/** `vedette collector rebuild`: the present of every site from nothing but truth; what differs from what is believed is written as new rows. */

import type { Logger } from "pino";
import { BucketHolder } from "./bucket/holder.ts";
import { bucketOf } from "./bucket/number.ts";
import type { CollectorConfig } from "./config.ts";
import { decisionsOf } from "./document/decisions.ts";
import { allSites, openFoundation } from "./foundation.ts";
import { Applier } from "./log/apply.ts";
import { publishEvents } from "./log/event.ts";
import { FencedError } from "./log/publish.ts";
import { wholeReader } from "./store/index.ts";

export interface RebuildOptions {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
  readonly site?: string;
}

export interface RebuildReport {
  readonly sites: number;
  readonly devices: number;
  /** Rows that differed. */
  readonly rows: number;
}

export async function rebuild(config: CollectorConfig, o: RebuildOptions): Promise<RebuildReport> {
  const foundation = await openFoundation(config, o.logger);
  try {
    const { store, bus, documents } = foundation;
    const all = allSites(foundation);
    const refs = all.filter(({ site }) => o.site === undefined || site === o.site);
    let devices = 0;
    let rows = 0;
    let done = 0;
    for (const [bucket, sites] of Map.groupBy(refs, (r) => bucketOf(r.tenant, r.site, config.buckets))) {
      const holder = new BucketHolder({
        bucket,
        store,
        applier: new Applier(store),
        readWhole: wholeReader(store),
        bus,
        logger: o.logger,
        now: Date.now,
        // All of the bucket's: an era that opens here carries each.
        sites: () => all.filter((r) => bucketOf(r.tenant, r.site, config.buckets) === bucket),
        decisions: ({ tenant, site }) => decisionsOf(documents.view, tenant, site),
        onApplied: (changeset) => void publishEvents(bus, changeset).catch(() => undefined),
      });
      for (const ref of sites) {
        if (o.signal.aborted) break;
        const swept = await besideOthers(holder, () => holder.sweep(ref));
        devices += swept.devices;
        rows += swept.corrections;
        done += 1;
        o.say(`${done} of ${refs.length}: ${ref.tenant}/${ref.site}, ${swept.devices} devices, ${swept.corrections} rows differed`);
      }
    }
    return { sites: done, devices, rows };
  } finally {
    await foundation.close();
  }
}

/** Attempts at a bucket that a running collector goes on publishing to. */
const ATTEMPTS = 10;

/** Opens the bucket and acts; where the running collector was faster, the log refuses us: then again, with what it has published. */
async function besideOthers<T>(holder: BucketHolder, act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await holder.open();
      return await act();
    } catch (error) {
      if (!(error instanceof FencedError) || attempt === ATTEMPTS) throw error;
    }
  }
}
