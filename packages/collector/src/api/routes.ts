/** What a file of routes is: it adds its routes to an application whose schemas are zod. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiContext } from "./context.ts";

export function typed(app: FastifyInstance) {
  return app.withTypeProvider<ZodTypeProvider>();
}

export type Routes = (app: ReturnType<typeof typed>, cx: ApiContext) => void;
