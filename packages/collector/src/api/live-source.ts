/** The live feed's reads: events after a position, resolved from ClickHouse. */
import { bucketOf } from "../bucket/number.ts";
import { readApplied, readEventsAfter } from "../store/index.ts";
import type { ApiContext } from "./context.ts";
import { eventShape } from "./event-shape.ts";
import type { LiveSource } from "./live.ts";

export function liveSource(cx: ApiContext): LiveSource {
  const sitesOf = (tenant: string, site: string | null) =>
    site === null ? cx.services.log.view.list(tenant, "site").map(({ id }) => id) : [site];
  return {
    async ends(tenant, site) {
      const sites = sitesOf(tenant, site);
      for (const each of sites) cx.onRead(tenant, each);
      const buckets = [...new Set(sites.map((s) => bucketOf(tenant, s, cx.buckets)))];
      const applied = await readApplied(cx.store, buckets);
      return buckets.map((bucket) => {
        const at = applied.get(bucket);
        return at === undefined ? { bucket, era: 0, seq: 0, event: "" } : { bucket, era: at.era, seq: at.seq, event: "~" };
      });
    },
    async after(tenant, site, kinds, position, limit) {
      const rows = await readEventsAfter(cx.store, tenant, {
        position,
        limit,
        ...(site === null ? {} : { sites: [site] }),
        ...(kinds === null ? {} : { kinds }),
      });
      return rows.map((row) => ({ event: eventShape(row), position: { bucket: row.bucket, era: row.era, seq: row.seq, event: row.id } }));
    },
  };
}
