/** REST, OpenAPI, the console's pages and the live feed on one HTTP server. */
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import Fastify, { type FastifyInstance, LogController } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { actorOfUpgrade, installAccess, originAllowed, seenSites } from "./access.ts";
import type { ApiContext } from "./context.ts";
import { installLimits } from "./limit.ts";
import { attachLive, type LiveFeed } from "./live.ts";
import { liveSource } from "./live-source.ts";
import { installOpenApi } from "./openapi.ts";
import { inlineStyles, readPage, servePages } from "./pages.ts";
import { installProblems, sendProblem } from "./problem.ts";
import { agentRoutes } from "./route/agent.ts";
import { assessmentRoutes } from "./route/assessment.ts";
import { decisionRoutes } from "./route/decision.ts";
import { deviceRoutes } from "./route/device.ts";
import { eventRoutes } from "./route/event.ts";
import { healthRoutes } from "./route/health.ts";
import { observationRoutes } from "./route/observation.ts";
import { sessionRoutes } from "./route/session.ts";
import { siteRoutes } from "./route/site.ts";
import { standardRoutes } from "./route/standard.ts";
import { typed } from "./routes.ts";

/** The largest body that means something is a user with a thousand grants. */
const MAX_BODY_BYTES = 256 * 1024;
const MAX_PARAM_LENGTH = 200;

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

function contentSecurityPolicy(inline: readonly string[]) {
  return {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // Mantine sets custom properties through style attributes; sheets come from our own origin alone.
      styleSrc: ["'self'"],
      styleSrcAttr: ["'unsafe-inline'"],
      styleSrcElem: ["'self'", ...inline],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  };
}

/** The application without a socket: for tests and for `openapi.json`. */
export async function buildApi(cx: ApiContext, consoleFolder: string | undefined): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: cx.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    requestTimeout: 30_000,
    trustProxy: false,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  });
  // JSON alone: fastify would also take plain text, which a foreign page's form can send.
  app.removeContentTypeParser("text/plain");
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installProblems(app);
  await app.register(cookie);
  const page = readPage(consoleFolder);
  await app.register(helmet, {
    contentSecurityPolicy: contentSecurityPolicy(inlineStyles(page)),
    crossOriginEmbedderPolicy: true,
    referrerPolicy: { policy: "no-referrer" },
    // On loopback there is no TLS to insist on; behind a proxy the proxy says so.
    strictTransportSecurity: false,
  });
  await installLimits(app);
  installAccess(app, cx);
  await installOpenApi(app);
  for (const routes of [
    healthRoutes,
    sessionRoutes,
    siteRoutes,
    deviceRoutes,
    observationRoutes,
    assessmentRoutes,
    eventRoutes,
    standardRoutes,
    agentRoutes,
    decisionRoutes,
  ]) {
    routes(typed(app), cx);
  }
  if (consoleFolder !== undefined && page !== null) await servePages(app, consoleFolder, page);
  await app.ready();
  return app;
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
    authenticate(request) {
      const actor = actorOfUpgrade(request, cx);
      if (actor === null) return null;
      return {
        id: actor.id,
        tenant: actor.tenant,
        sites() {
          // Grants may have been taken away since: ask again as who he is now.
          const now = actorOfUpgrade(request, cx);
          return now === null ? null : seenSites(cx, now);
        },
      };
    },
    originAllowed,
  });
  try {
    await app.listen({ host: o.host, port: o.port });
  } catch (cause) {
    await live.close();
    await app.close();
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
