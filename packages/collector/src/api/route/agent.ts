import { z } from "zod";
import { allows } from "../../service/actor.ts";
import { VERBS } from "../../service/index.ts";
import { perform } from "../../service/verb.ts";
import { actorOf } from "../access.ts";
import { isoOrNull } from "../known-at.ts";
import type { Routes } from "../routes.ts";
import { Agent, list, Time } from "../shape.ts";

export const agentRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/agents",
    { config: { access: "viewer" }, schema: { summary: "Agents and how they fare", response: { 200: list(Agent) } } },
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

  app.get(
    "/api/v1/enrolments",
    {
      config: { access: "verb" },
      schema: { summary: "Enrolment tokens, without their secrets", response: { 200: list(z.looseObject({})) } },
    },
    async (request) => ({
      items: (await perform(VERBS.listEnrolments, cx.services, actorOf(request), {})).map((e) => ({ ...e })),
      nextCursor: null,
    }),
  );
  app.post(
    "/api/v1/enrolments",
    {
      config: { access: "verb" },
      schema: {
        summary: "A single-use token that enrols one agent within 15 minutes; shown once",
        body: z.unknown(),
        response: { 201: z.object({ id: z.string(), token: z.string(), expiresAt: Time }) },
      },
    },
    async (request, reply) => {
      const made = await perform(VERBS.createEnrolment, cx.services, actorOf(request), request.body);
      return reply.code(201).send({ id: made.id, token: made.token, expiresAt: new Date(made.expiresAt).toISOString() });
    },
  );
};
