import { allows } from "../../service/actor.ts";
import { actorOf, READS } from "../access.ts";
import { isoOrNull } from "../known-at.ts";
import type { Routes } from "../routes.ts";
import { Agent, list } from "../shape.ts";

export const agentRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/agents",
    { config: { access: READS }, schema: { summary: "Agents and how they fare", response: { 200: list(Agent) } } },
    async (request) => {
      const actor = actorOf(request);
      const agents = cx.services.log.view.list(actor.tenant, "agent").filter(({ body }) => allows(actor, "viewer", body.site));
      const items = agents.map(({ id, body }) => {
        const state = cx.services.presence.get({ tenant: actor.tenant, site: body.site, agent: id });
        return {
          id,
          site: body.site,
          state: state === null ? ("never" as const) : state.online ? ("online" as const) : ("offline" as const),
          version: state?.report?.agentVersion ?? body.version,
          lastReportAt: isoOrNull(state?.lastHeardAt ?? null),
          outboxDepth: state?.report?.outboxDepth ?? 0,
          oldestUnreceiptedMs: state?.report?.oldestUnreceiptedMs ?? 0,
          offsetMs: state?.report?.clockOffsetMs ?? null,
        };
      });
      return { items, nextCursor: null };
    },
  );
};
