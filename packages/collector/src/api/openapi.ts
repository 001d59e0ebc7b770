/** The description of the API: made from the routes' schemas and from what they declare about access. */
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Access, CSRF_HEADER, SESSION_COOKIE } from "./access.ts";
import { Problem } from "./shape.ts";

const REACH = {
  any: "at one site at least, and concerns those alone",
  site: "at the site",
  tenant: "over the whole tenant",
  platform: "of the platform",
};

function needs(access: Access): string {
  if (access === "public") return "Needs no sign-in.";
  return access.at === "self" ? "Needs a sign-in." : `Needs the role ${access.role} ${REACH[access.at]}.`;
}

const problem = {
  description: "What is wrong, in a sentence (RFC 9457); `field` names the part of the request to mend",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

const away = {
  description: "The store or the broker does not answer, or nothing has been derived yet: ask again",
  headers: { "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } } },
  content: problem.content,
};

type Transform = typeof jsonSchemaTransform;

const describe: Transform = (input) => {
  const described = jsonSchemaTransform(input);
  const access = (input as { route?: { config?: { access?: Access } } }).route?.config?.access;
  if (described.schema === undefined || access === undefined || "hide" in described.schema) return described;
  const { response, ...rest } = described.schema as { response?: object };
  return {
    url: described.url,
    schema: {
      ...rest,
      description: needs(access),
      tags: [input.url.replace(/^\/api\/v1\//, "/").split("/")[1] ?? ""],
      ...(access === "public" ? { security: [] } : {}),
      response: { 503: away, ...(response ?? { 200: { description: "Done", type: "string" } }), default: problem },
    },
  };
};

export async function installOpenApi(app: FastifyInstance): Promise<void> {
  const { $schema: _, ...problemSchema } = z.toJSONSchema(Problem);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Vedette",
        version: "1",
        description: "Compliance timelines of video surveillance sites. Times are RFC 3339 UTC, ids are opaque, errors are RFC 9457.",
      },
      components: {
        schemas: { Problem: problemSchema as object },
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "An API token (POST /api/v1/tokens)" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: SESSION_COOKIE,
            description: `Of POST /api/v1/session. Calls other than GET also send the header ${CSRF_HEADER}.`,
          },
        },
      },
      security: [{ bearer: [] }, { session: [] }],
    },
    transform: describe,
  });
  app.get(
    "/api/v1/openapi.json",
    {
      config: { access: "public" },
      schema: { summary: "This description (OpenAPI 3.1)", response: { 200: z.looseObject({ openapi: z.string() }) } },
    },
    async () => app.swagger(),
  );
}
