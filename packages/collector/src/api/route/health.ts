import { z } from "zod";
import type { Routes } from "../routes.ts";

export const healthRoutes: Routes = (app, cx) => {
  app.get(
    "/healthz",
    { config: { access: "public" }, schema: { summary: "The process runs", response: { 200: z.object({ status: z.literal("ok") }) } } },
    async () => ({
      status: "ok" as const,
    }),
  );
  app.get(
    "/readyz",
    {
      config: { access: "public" },
      schema: {
        summary: "Engines answer and documents are read",
        response: {
          200: z.object({ status: z.literal("ready") }),
          503: z.object({ status: z.literal("not ready"), waitingFor: z.array(z.string()) }),
        },
      },
    },
    async (_request, reply) => {
      const waitingFor = [...(await cx.notReady())];
      if (waitingFor.length === 0) return { status: "ready" as const };
      return reply.code(503).send({ status: "not ready" as const, waitingFor });
    },
  );
  app.get(
    "/metrics",
    { config: { access: "public" }, schema: { summary: "Metrics (OpenMetrics text)", produces: ["text/plain"] } },
    async (_request, reply) => {
      const { contentType, text } = await cx.metrics();
      return reply.type(contentType).send(text);
    },
  );
};
