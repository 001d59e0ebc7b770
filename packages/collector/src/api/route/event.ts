import { z } from "zod";
import { bucketOf } from "../../bucket/number.ts";
import { readApplied, readEvents } from "../../store/index.ts";
import { actorOf, READS, sitesAsked } from "../access.ts";
import { Cursor, CursorText, CursorTime, decodeCursor, encodeCursor } from "../cursor.ts";
import { eventShape } from "../event-shape.ts";
import { timeOf } from "../known-at.ts";
import type { Routes } from "../routes.ts";
import { Event, EventKind, list, Time } from "../shape.ts";

const Query = z.strictObject({
  site: z.string().max(64).optional(),
  device: z.string().max(64).optional(),
  kind: z.union([EventKind, z.array(EventKind).max(6)]).optional(),
  from: Time.optional(),
  to: Time.optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** The last event of the page before: when it was recorded, and its id. */
const Page = z.tuple([CursorTime, CursorText]);

export const eventRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/events",
    { config: { access: READS }, schema: { summary: "Events, newest first", querystring: Query, response: { 200: list(Event) } } },
    async (request) => {
      const actor = actorOf(request);
      const { site, device, kind, from, to, cursor, limit } = request.query;
      const sites = sitesAsked(cx, actor, site);
      const after = cursor === undefined ? null : decodeCursor(cursor, Page);
      const applied = await readApplied(cx.store, [...new Set(sites.map((id) => bucketOf(actor.tenant, id, cx.buckets)))]);
      const rows = await readEvents(cx.store, actor.tenant, {
        limit: limit + 1,
        sites,
        applied: [...applied.values()],
        ...(device === undefined ? {} : { device }),
        ...(kind === undefined ? {} : { kinds: typeof kind === "string" ? [kind] : kind }),
        ...(from === undefined ? {} : { from: timeOf(from) }),
        ...(to === undefined ? {} : { to: timeOf(to) }),
        ...(after === null ? {} : { after: { recordedAt: after[0], id: after[1] } }),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map(eventShape),
        nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.recordedAt, last.id]) : null,
      };
    },
  );
};
