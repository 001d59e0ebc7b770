import { z } from "zod";
import { joinNeighbours, readBeliefs } from "../../store/index.ts";
import { actorOf } from "../access.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { iso } from "../known-at.ts";
import { knownDevice } from "../known-device.ts";
import { ProblemError } from "../problem.ts";
import type { Routes } from "../routes.ts";
import { Assessment, Time, Timeline } from "../shape.ts";
import { assessmentShape, isHeld, ORDER, timelineShape } from "../verdict-shape.ts";

const Id = z.object({ id: z.string().max(64) });

export const assessmentRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/devices/:id/assessment",
    {
      config: { access: "viewer" },
      schema: {
        summary: "All 54 verdicts as they were at a time, as known at a time",
        params: Id,
        querystring: z.strictObject({ at: Time.optional(), knownAt: Time.optional() }),
        response: { 200: Assessment },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { device, knownAt } = await knownDevice(cx, actor, request.params.id, request.query.knownAt);
      const at = request.query.at === undefined ? knownAt : Date.parse(request.query.at);
      const beliefs = await readBeliefs(cx.store, actor.tenant, device.site, { devices: [device.device], knownAt });
      const assessment = assessmentShape(device.device, at, knownAt, beliefs);
      if (assessment === null) throw new ProblemError(404, `at: the device was not known at ${iso(at)}`, "at");
      return assessment;
    },
  );

  app.get(
    "/api/v1/devices/:id/timeline",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Stretches of equal verdicts, by clause and time",
        params: Id,
        querystring: z.strictObject({
          from: Time.optional(),
          to: Time.optional(),
          clause: z.string().max(16).optional(),
          knownAt: Time.optional(),
          cursor: z.string().max(4096).optional(),
          limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
        }),
        response: { 200: Timeline },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { from, to, clause, cursor, limit } = request.query;
      const start = cursor === undefined ? null : decodeCursor(cursor, 2);
      // A page belongs to the knownAt of the first one, or the list would shift under the reader.
      const asked = start === null ? request.query.knownAt : iso(Number(start[0]));
      const { device, knownAt } = await knownDevice(cx, actor, request.params.id, asked);
      const beliefs = await readBeliefs(cx.store, actor.tenant, device.site, {
        devices: [device.device],
        knownAt,
        ...(clause === undefined ? {} : { clause }),
      });
      const lower = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
      const upper = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to);
      const all = joinNeighbours(beliefs)
        .filter(isHeld)
        .filter((s) => s.from < upper && (s.to === null || s.to > lower))
        .sort((a, b) => (ORDER.get(a.clause) ?? 999) - (ORDER.get(b.clause) ?? 999) || a.from - b.from);
      const skip = start === null ? 0 : Number(start[1]);
      const page = all.slice(skip, skip + limit);
      return {
        items: page.map(timelineShape),
        knownAt: iso(knownAt),
        nextCursor: skip + limit < all.length ? encodeCursor([knownAt, skip + limit]) : null,
      };
    },
  );
};
