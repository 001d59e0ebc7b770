import { z } from "zod";
import { readEvents } from "../../store/index.ts";
import { actorOf, visibleSites } from "../access.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { eventShape } from "../event-shape.ts";
import type { Routes } from "../routes.ts";
import { Event, EventKind, list, Time } from "../shape.ts";

const Query = z.strictObject({
  site: z.string().max(64).optional(),
  device: z.string().max(64).optional(),
  kind: z.union([EventKind, z.array(EventKind)]).optional(),
  from: Time.optional(),
  to: Time.optional(),
  cursor: z.string().max(4096).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const eventRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/events",
    { config: { access: "viewer" }, schema: { summary: "Events, newest first", querystring: Query, response: { 200: list(Event) } } },
    async (request) => {
      const actor = actorOf(request);
      const { site, device, kind, from, to, cursor, limit } = request.query;
      const sites = visibleSites(actor, site);
      const after = cursor === undefined ? null : decodeCursor(cursor, 2);
      const rows = await readEvents(cx.store, actor.tenant, {
        limit: limit + 1,
        ...(sites === null ? {} : { sites }),
        ...(device === undefined ? {} : { device }),
        ...(kind === undefined ? {} : { kinds: typeof kind === "string" ? [kind] : kind }),
        ...(from === undefined ? {} : { from: Date.parse(from) }),
        ...(to === undefined ? {} : { to: Date.parse(to) }),
        ...(after === null ? {} : { after: { recordedAt: Number(after[0]), id: String(after[1]) } }),
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
