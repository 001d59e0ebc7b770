/** The live feed's reads: events after a position, resolved from ClickHouse. */
import { bucketOf } from "../bucket/number.ts";
import { readApplied, readEventsAfter } from "../store/index.ts";
import type { ApiContext } from "./context.ts";
import { eventShape } from "./event-shape.ts";
import { beginning, endOf } from "./live-position.ts";
import type { LiveSource } from "./live-types.ts";

export function liveSource(cx: ApiContext): LiveSource {
  return {
    async ends(tenant, sites) {
      for (const each of sites) cx.onRead(tenant, each);
      const buckets = [...new Set(sites.map((s) => bucketOf(tenant, s, cx.buckets)))];
      const applied = await readApplied(cx.store, buckets);
      return buckets.map((bucket) => {
        const at = applied.get(bucket);
        return at === undefined ? beginning(bucket) : endOf(bucket, at);
      });
    },
    async after(tenant, sites, kinds, position, limit) {
      const rows = await readEventsAfter(cx.store, tenant, { position, limit, sites, ...(kinds === null ? {} : { kinds }) });
      return rows.map((row) => ({ event: eventShape(row), position: { bucket: row.bucket, era: row.era, seq: row.seq, event: row.id } }));
    },
  };
}
