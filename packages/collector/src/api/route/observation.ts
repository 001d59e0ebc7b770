import { z } from "zod";
import type { Actor } from "../../service/actor.ts";
import { observationId, parseObservationId, readEvidence, readObservation } from "../../store/index.ts";
import { readObservationList } from "../../store/observation-list.ts";
import { viewObservation } from "../../store/observation-view.ts";
import { actorOf, READS } from "../access.ts";
import type { ApiContext } from "../context.ts";
import { Cursor, CursorText, CursorTime, decodeCursor, encodeCursor } from "../cursor.ts";
import { deviceDetail } from "../known-device.ts";
import { ProblemError } from "../problem.ts";
import type { Routes } from "../routes.ts";
import { list, Observation } from "../shape.ts";

type Observed = z.infer<typeof Observation>;

/** The last observation of the page before: when it was stored, its id and its content. */
const Page = z.tuple([CursorTime, CursorText, CursorText]);
const MAX_SEQ = 0xffff_ffff;

export const observationRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/devices/:id/observations",
    {
      config: { access: READS },
      schema: {
        summary: "What was seen of it lately; with id, one observation of its site with the raw evidence",
        params: z.object({ id: z.string().max(64) }),
        querystring: z.strictObject({
          id: z.string().max(200).optional(),
          cursor: Cursor.optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: list(Observation) },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const detail = await deviceDetail(cx, actor, request.params.id);
      const { id, cursor, limit } = request.query;
      if (id !== undefined) return { items: await one(cx, actor, detail.site, id), nextCursor: null };
      const before = cursor === undefined ? null : decodeCursor(cursor, Page);
      const rows = await readObservationList(cx.store, actor.tenant, detail.site, {
        addresses: [...new Set([...detail.addresses, ...detail.endpoints.map((e) => e.address)])],
        bssids: detail.bss,
        limit: limit + 1,
        ...(before === null ? {} : { before: { storedAt: before[0], id: before[1], contentHash: before[2] } }),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((o): Observed => ({ ...viewObservation(o) })),
        nextCursor:
          rows.length > limit && last !== undefined ? encodeCursor([last.storedAt, observationId(last.row), last.row.content_hash]) : null,
      };
    },
  );
};

/** Every content under one id: more than one where the agent was cloned. @throws ProblemError 404 */
async function one(cx: ApiContext, actor: Actor, site: string, id: string): Promise<Observed[]> {
  const unknown = () => new ProblemError(404, `id: observation ${id} is not known here`, "id");
  const key = parseObservationId(id);
  if (key === null || key.seq > MAX_SEQ) throw unknown();
  const found = await readObservation(cx.store, actor.tenant, { site, ...key });
  if (found.length > 0) return found.map((o): Observed => ({ ...viewObservation(o) }));
  // The raw row may have expired; what a verdict cites is kept.
  const kept = (await readEvidence(cx.store, actor.tenant, site, [id])).get(id);
  if (kept === undefined) throw unknown();
  return [JSON.parse(kept) as Observed];
}
