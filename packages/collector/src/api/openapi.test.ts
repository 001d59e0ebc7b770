import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { buildApi } from "./server.ts";
import { type MemoryApi, memoryApi } from "./testing/api.ts";

interface Media {
  readonly schema?: Parameters<typeof z.fromJSONSchema>[0] & { readonly $ref?: string };
}
interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Media["schema"];
  }[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly headers?: Record<string, unknown>; readonly content?: Record<string, Media> }
  >;
}
interface Described {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, NonNullable<Media["schema"]>>;
    readonly securitySchemes: Record<string, unknown>;
  };
  readonly security: readonly Record<string, unknown>[];
}

let memory: MemoryApi;
let app: FastifyInstance;
let described: Described;

beforeAll(async () => {
  memory = await memoryApi();
  app = await buildApi(memory.cx, undefined);
  described = (await app.inject({ url: "/api/v1/openapi.json" })).json();
});
afterAll(async () => {
  await app.close();
  await memory.stop();
});

const operations = () =>
  Object.entries(described.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, name: `${method.toUpperCase()} ${path}`, operation })),
  );

function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === "$ref" && typeof inner === "string" ? [inner] : refsIn(inner)));
}

describe("openapi.json", () => {
  it("is OpenAPI 3.1 with references that lead somewhere", () => {
    expect(described.openapi).toBe("3.1.0");
    expect(described.info).toMatchObject({ title: "Vedette", version: "1" });
    const refs = [...new Set(refsIn(described))];
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) {
      const found = ref
        .split("/")
        .slice(1)
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], described);
      expect([ref, typeof found]).toEqual([ref, "object"]);
    }
    // Words of OpenAPI 3.0 that 3.1 does not have.
    expect(JSON.stringify(described)).not.toContain('"nullable"');
  });

  it("says of every route that it may have to be asked again, and when", () => {
    for (const { name, operation } of operations()) {
      const { description, headers } = operation.responses["503"] ?? {};
      expect([name, typeof description]).toEqual([name, "string"]);
      if (name !== "GET /readyz") expect([name, Object.keys(headers ?? {})]).toEqual([name, ["Retry-After"]]);
    }
  });

  it("describes every route there is, with who may call it", () => {
    const declared = app.declared.filter(({ method }) => method !== "HEAD");
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(declared.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, "{$1}")}`).sort());
    expect(described.security).toEqual([{ bearer: [] }, { session: [] }]);
    expect(Object.keys(described.components.securitySchemes).sort()).toEqual(["bearer", "session"]);
    for (const { method, url, access } of declared) {
      const operation = described.paths[url.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
      expect([url, operation?.security]).toEqual([url, access === "public" ? [] : undefined]);
      expect(operation?.summary).toMatch(/\w/);
      if (access !== "public" && access.at !== "self") expect(operation?.description).toContain(`the role ${access.role} `);
    }
  });

  it("gives every operation its parameters, a good answer and a problem", () => {
    for (const { path, name, operation } of operations()) {
      const inPath = operation.parameters?.filter((p) => p.in === "path") ?? [];
      expect([name, inPath.map((p) => p.name)]).toEqual([name, [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1])]);
      expect(inPath.every((p) => p.required === true)).toBe(true);
      expect([name, Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status))]).toEqual([name, true]);
      expect(Object.values(operation.responses).every((r) => typeof r.description === "string")).toBe(true);
      expect(operation.responses["default"]?.content?.["application/problem+json"]?.schema?.$ref).toBe("#/components/schemas/Problem");
    }
  });

  it("has only schemas that can be read back", () => {
    const { schemas } = described.components;
    for (const { name, operation } of operations()) {
      const media = [operation.requestBody?.content ?? {}, ...Object.values(operation.responses).map((r) => r.content ?? {})].flatMap(
        (content) => Object.values(content).map((m) => m.schema),
      );
      for (const schema of [...media, ...(operation.parameters ?? []).map((p) => p.schema)]) {
        if (schema === undefined || schema.$ref !== undefined) continue;
        expect([name, z.fromJSONSchema(schema) instanceof z.ZodType]).toEqual([name, true]);
      }
    }
    expect(z.fromJSONSchema(schemas["Problem"] ?? {}).safeParse({ type: "about:blank", title: "x", status: 404 }).success).toBe(true);
  });

  it("tells the truth of a problem and of an answer", async () => {
    const refused = (await app.inject({ url: "/api/v1/me" })).json();
    expect(z.fromJSONSchema(described.components.schemas["Problem"] ?? {}).parse(refused)).toEqual(refused);
    const healthy = (await app.inject({ url: "/healthz" })).json();
    const schema = described.paths["/healthz"]?.["get"]?.responses["200"]?.content?.["application/json"]?.schema ?? {};
    expect(z.fromJSONSchema(schema).parse(healthy)).toEqual(healthy);
  });
});
