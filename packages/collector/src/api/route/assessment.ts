import { z } from "zod";
import { joinNeighbours, readBeliefs } from "../../store/index.ts";
import { actorOf, READS } from "../access.ts";
import { Cursor, CursorTime, decodeCursor, encodeCursor } from "../cursor.ts";
import { iso, timeOf, timeOrUndefined } from "../known-at.ts";
import { knownDevice } from "../known-device.ts";
import { ProblemError } from "../problem.ts";
import type { Routes } from "../routes.ts";
import { Assessment, Time, Timeline } from "../shape.ts";
import { assessmentShape, isHeld, ORDER, timelineShape } from "../verdict-shape.ts";

const Id = z.object({ id: z.string().max(64) });

/** knownAt, and how many stretches came before. */
const Page = z.tuple([CursorTime, z.number().int().min(0)]);

export const assessmentRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/devices/:id/assessment",
    {
      config: { access: READS },
      schema: {
        summary: "All 54 verdicts as they were at a time, as known at a time",
        params: Id,
        querystring: z.strictObject({ at: Time.optional(), knownAt: Time.optional() }),
        response: { 200: Assessment },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { device, knownAt } = await knownDevice(cx, actor, request.params.id, timeOrUndefined(request.query.knownAt));
      // Of what comes after knownAt nothing is known.
      const at = Math.min(knownAt, timeOrUndefined(request.query.at) ?? knownAt);
      const beliefs = await readBeliefs(cx.store, actor.tenant, device.site, { devices: [device.device], knownAt });
      const assessment = assessmentShape(device.device, at, knownAt, beliefs);
      if (assessment === null) throw new ProblemError(404, `at: the device was not known at ${iso(at)}`, "at");
      return assessment;
    },
  );

  app.get(
    "/api/v1/devices/:id/timeline",
    {
      config: { access: READS },
      schema: {
        summary: "Stretches of equal verdicts, by clause and time",
        params: Id,
        querystring: z.strictObject({
          from: Time.optional(),
          to: Time.optional(),
          clause: z.string().max(16).optional(),
          knownAt: Time.optional(),
          cursor: Cursor.optional(),
          limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
        }),
        response: { 200: Timeline },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { from, to, clause, cursor, limit } = request.query;
      const start = cursor === undefined ? null : decodeCursor(cursor, Page);
      // A page belongs to the knownAt of the first one, or the list would shift under the reader.
      const asked = start === null ? timeOrUndefined(request.query.knownAt) : start[0];
      const { device, knownAt } = await knownDevice(cx, actor, request.params.id, asked);
      const beliefs = await readBeliefs(cx.store, actor.tenant, device.site, {
        devices: [device.device],
        knownAt,
        ...(clause === undefined ? {} : { clause }),
      });
      const lower = from === undefined ? Number.NEGATIVE_INFINITY : timeOf(from);
      const upper = to === undefined ? Number.POSITIVE_INFINITY : timeOf(to);
      const all = joinNeighbours(beliefs)
        .filter(isHeld)
        .filter((s) => s.from < upper && (s.to === null || s.to > lower))
        .sort((a, b) => (ORDER.get(a.clause) ?? 999) - (ORDER.get(b.clause) ?? 999) || a.from - b.from);
      const skip = start === null ? 0 : start[1];
      const page = all.slice(skip, skip + limit);
      return {
        items: page.map(timelineShape),
        knownAt: iso(knownAt),
        nextCursor: skip + limit < all.length ? encodeCursor([knownAt, skip + limit]) : null,
      };
    },
  );
};
