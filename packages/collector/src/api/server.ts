/** REST, OpenAPI, the console's pages and the live feed on one HTTP server. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import statics from "@fastify/static";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance } from "fastify";
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { allows, sitesOf } from "../service/actor.ts";
import { actorOfUpgrade, installAccess, originAllowed } from "./access.ts";
import type { ApiContext } from "./context.ts";
import { attachLive, type LiveFeed } from "./live.ts";
import { liveSource } from "./live-source.ts";
import { installProblems } from "./problem.ts";
import { agentRoutes } from "./route/agent.ts";
import { assessmentRoutes } from "./route/assessment.ts";
import { decisionRoutes } from "./route/decision.ts";
import { deviceRoutes } from "./route/device.ts";
import { eventRoutes } from "./route/event.ts";
import { healthRoutes } from "./route/health.ts";
import { sessionRoutes } from "./route/session.ts";
import { siteRoutes } from "./route/site.ts";
import { standardRoutes } from "./route/standard.ts";
import { typed } from "./routes.ts";

/** Requests a second and address; the console's own use stays far below. */
const RATE = { max: 600, timeWindow: "10 seconds" };
const MAX_BODY_BYTES = 1024 * 1024;

export interface ApiServer {
  readonly port: number;
  readonly live: LiveFeed;
  stop(): Promise<void>;
}

/** The port is taken or may not be used: one sentence for whoever started us. */
export class ApiListenError extends Error {
  override readonly name = "ApiListenError";
  readonly status = 3;
}

/** The application without a socket: for tests and for `openapi.json`. */
export async function buildApi(cx: ApiContext, consoleFolder: string | undefined): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: cx.logger,
    disableRequestLogging: true,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 30_000,
    trustProxy: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installProblems(app);
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Mantine sets custom properties through style attributes; sheets come from our own origin alone.
        styleSrc: ["'self'"],
        styleSrcAttr: ["'unsafe-inline'"],
        styleSrcElem: ["'self'", ...inlineStyles(consoleFolder)],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: true,
    referrerPolicy: { policy: "no-referrer" },
    // On loopback there is no TLS to insist on; behind a proxy the proxy says so.
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, RATE);
  // Pages are public: they are registered before access is installed, which then holds for every route after them.
  if (consoleFolder !== undefined && existsSync(join(consoleFolder, "index.html"))) await servePages(app, consoleFolder);
  installAccess(app, cx);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Vedette",
        version: "1",
        description: "Compliance timelines of video surveillance sites. Times are RFC 3339 UTC, ids are opaque, errors are RFC 9457.",
      },
      components: {
        securitySchemes: { bearer: { type: "http", scheme: "bearer" }, session: { type: "apiKey", in: "cookie", name: "vedette_session" } },
      },
      security: [{ bearer: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
  });
  for (const routes of [
    healthRoutes,
    sessionRoutes,
    siteRoutes,
    deviceRoutes,
    assessmentRoutes,
    eventRoutes,
    standardRoutes,
    agentRoutes,
    decisionRoutes,
  ]) {
    routes(typed(app), cx);
  }
  app.get("/api/v1/openapi.json", { config: { access: "public" }, schema: { hide: true } }, async () => app.swagger());
  await app.ready();
  return app;
}

/** Hashes of style elements that the built page carries itself, if any. */
function inlineStyles(folder: string | undefined): string[] {
  const file = folder === undefined ? "" : join(folder, "index.html");
  if (!existsSync(file)) return [];
  return [...readFileSync(file, "utf8").matchAll(/<style[^>]*>([^<]*)<\/style>/g)].map(
    (m) =>
      `'sha256-${createHash("sha256")
        .update(m[1] ?? "")
        .digest("base64")}'`,
  );
}

async function servePages(app: FastifyInstance, folder: string): Promise<void> {
  const page = readFileSync(join(folder, "index.html"));
  const open = { config: { access: "public" as const }, schema: { hide: true } };
  await app.register(statics, { root: join(folder, "assets"), serve: false });
  app.get<{ Params: { "*": string } }>("/assets/*", open, (request, reply) =>
    reply.sendFile(request.params["*"], { immutable: true, maxAge: "365d" }),
  );
  for (const path of ["/", "/index.html"]) {
    app.get(path, open, (_request, reply) => reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page));
  }
  // Every other path without a dot is a screen of the console: its links can be opened and reloaded.
  app.get("/*", open, (request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    if (path.startsWith("/api/") || path.includes(".")) return reply.callNotFound();
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
  });
}

/** @throws ApiListenError */
export async function startApi(
  cx: ApiContext,
  o: { readonly host: string; readonly port: number; readonly console?: string | undefined },
): Promise<ApiServer> {
  const app = await buildApi(cx, o.console);
  const live = attachLive(app.server, {
    source: liveSource(cx),
    logger: cx.logger,
    authenticate: async (request) => {
      const actor = actorOfUpgrade(request, cx);
      if (actor === null) return null;
      return {
        tenant: actor.tenant,
        maySee: (site) => {
          // Grants may have been taken away since: ask again as who he is now.
          const now = actorOfUpgrade(request, cx);
          return now !== null && (site === null ? sitesOf(now, "viewer") === null : allows(now, "viewer", site));
        },
      };
    },
    originAllowed,
  });
  try {
    await app.listen({ host: o.host, port: o.port });
  } catch (cause) {
    throw new ApiListenError(`http: ${o.host}:${o.port} cannot be used; free the port or set another`, { cause });
  }
  const address = app.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : o.port,
    live,
    async stop() {
      await live.close();
      await app.close();
    },
  };
}
