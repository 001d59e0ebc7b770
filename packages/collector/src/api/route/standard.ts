import { CLAUSES, ERRATA, STANDARD, WITHDRAWN } from "@vedette/standard";
import { z } from "zod";
import { SIGNED_IN } from "../access.ts";
import { ProblemError } from "../problem.ts";
import type { Routes } from "../routes.ts";
import { Aspect, Text } from "../shape.ts";

const Clause = z.looseObject({
  id: z.string(),
  aspect: Aspect,
  item: z.string(),
  itemTitle: Text,
  levels: z.array(z.number().int()),
  kind: z.string(),
  tier: z.string().nullable(),
  title: Text,
  summary: Text,
  decidedBy: Text,
  remediation: Text,
});

export const standardRoutes: Routes = (app) => {
  app.get(
    "/api/v1/standards/:id",
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: "A standard's clauses in our words",
        params: z.object({ id: z.string().max(64) }),
        response: { 200: z.looseObject({ id: z.string(), clauses: z.array(Clause) }) },
      },
    },
    async (request) => {
      if (request.params.id !== STANDARD.id) throw new ProblemError(404, `standard: only ${STANDARD.id} is known here`, "id");
      return { ...STANDARD, clauses: CLAUSES.map((c) => ({ ...c, levels: [...c.levels] })), withdrawn: WITHDRAWN, errata: ERRATA };
    },
  );
};
