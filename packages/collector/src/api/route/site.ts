import { bucketOf } from "../../bucket/number.ts";
import { readApplied, readSiteTotals } from "../../store/index.ts";
import { actorOf, READS, seenSites } from "../access.ts";
import { isoOrNull } from "../known-at.ts";
import type { Routes } from "../routes.ts";
import { list, Site } from "../shape.ts";

type Grade = 0 | 1 | 2 | 3 | null;

export const siteRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/sites",
    { config: { access: READS }, schema: { summary: "Sites and how they stand", response: { 200: list(Site) } } },
    async (request) => {
      const actor = actorOf(request);
      const seen = seenSites(cx, actor);
      const sites = cx.services.log.view.list(actor.tenant, "site").filter(({ id }) => seen.includes(id));
      const totals = await readSiteTotals(
        cx.store,
        actor.tenant,
        sites.map(({ id }) => id),
      );
      const applied = await readApplied(cx.store, [...new Set(sites.map(({ id }) => bucketOf(actor.tenant, id, cx.buckets)))]);
      const items = sites.map(({ id, body }) => {
        cx.onRead(actor.tenant, id);
        const own = totals.filter((t) => t.site === id);
        // Only members count in a site's level; network gear is shown beside.
        const members = own.filter((t) => t.membership === "in");
        const lowest = (key: "proven" | "possible") =>
          members.reduce<Grade>(
            (low, t) => (t[key] === null ? low : low === null ? (t[key] as Grade) : (Math.min(low, t[key]) as Grade)),
            null,
          );
        const distribution: Record<string, number> = {};
        for (const t of members)
          distribution[t.proven === null ? "none" : String(t.proven)] =
            (distribution[t.proven === null ? "none" : String(t.proven)] ?? 0) + t.devices;
        return {
          id,
          name: body.name,
          tenant: actor.tenant,
          devices: own.reduce((sum, t) => sum + t.devices, 0),
          failing: members.reduce((sum, t) => sum + t.failing, 0),
          distribution,
          level: { proven: lowest("proven"), possible: lowest("possible") },
          knownAt: isoOrNull(applied.get(bucketOf(actor.tenant, id, cx.buckets))?.recordedAt ?? null),
        };
      });
      return { items, nextCursor: null };
    },
  );
};
