/** Who asks: a bearer token or the session's cookie. Every route declares what it needs; one that does not is refused at the start. */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Actor, allows, sitesOf } from "../service/actor.ts";
import { actorOfSession, actorOfToken } from "../service/session/sign-in.ts";
import type { Permission } from "../service/verb.ts";
import type { ApiContext } from "./context.ts";
import { ProblemError } from "./problem.ts";

export const SESSION_COOKIE = "vedette_session";
/** Sent by the console with every call that changes something: a form of a foreign page cannot set it. */
export const CSRF_HEADER = "x-vedette-console";

/** "public": nobody in particular. Else what the verb behind the route asks for; the verb itself asks once more, at the site in question. */
export type Access = "public" | Permission;
/** Signed in, in whatever role. */
export const SIGNED_IN: Permission = { role: "viewer", at: "self" };
/** Answers only for the sites that the caller may see. */
export const READS: Permission = { role: "viewer", at: "any" };

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyInstance {
    /** Every route, as it was declared. */
    declared: readonly DeclaredRoute[];
  }
  interface FastifyRequest {
    actor: Actor | null;
  }
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export class UndeclaredRouteError extends Error {
  override readonly name = "UndeclaredRouteError";
}

export function installAccess(app: FastifyInstance, cx: ApiContext): void {
  const declared: DeclaredRoute[] = [];
  app.decorate("declared", declared);
  app.decorateRequest("actor", null);
  app.addHook("onRoute", (route) => {
    const access = route.config?.access;
    if (access === undefined) throw new UndeclaredRouteError(`${String(route.method)} ${route.url} declares no access`);
    for (const method of [route.method].flat()) declared.push({ method, url: route.url, access });
  });
  app.addHook("onRequest", async (request, reply) => {
    const access = request.routeOptions.config.access;
    // An unknown path has no route and so no declaration; it is answered with 404.
    if (access === undefined || access === "public") return;
    // What one person may read is kept by no cache.
    reply.header("cache-control", "no-store");
    const { authorization } = request.headers;
    const actor =
      authorization === undefined
        ? actorOfSession(cx.signIn, request.cookies[SESSION_COOKIE] ?? "")
        : actorOfToken(cx.signIn, bearerOf(authorization) ?? "");
    if (actor === null)
      throw new ProblemError(
        401,
        authorization === undefined
          ? "no session; sign in, or send Authorization: Bearer TOKEN"
          : "authorization: the token is not known or has ended",
      );
    if (authorization === undefined && !SAFE.has(request.method) && request.headers[CSRF_HEADER] === undefined) {
      throw new ProblemError(403, `calls of a session that change something need the header ${CSRF_HEADER}`);
    }
    if (!mayTry(actor, access)) throw new ProblemError(403, `this needs the role ${access.role}`);
    request.actor = actor;
  });
}

/** Whether the role is held anywhere that it could count. Where it must be held, the service decides, which knows the site. */
function mayTry(actor: Actor, { role, at }: Permission): boolean {
  if (at === "self") return true;
  return at === "tenant" ? allows(actor, role, null) : sitesOf(actor, role)?.length !== 0;
}

/** The actor of a route that is not public. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new ProblemError(401, "sign in first");
  return request.actor;
}

/** Every site that the actor may see, by id. */
export function seenSites(cx: ApiContext, actor: Actor): readonly string[] {
  const seen = sitesOf(actor, "viewer");
  const known = cx.services.log.view.list(actor.tenant, "site").map(({ id }) => id);
  return seen === null ? known : known.filter((id) => seen.includes(id));
}

/** The sites that a list covers. @throws ProblemError 404: what one may not see is not told apart from what is not there */
export function sitesAsked(cx: ApiContext, actor: Actor, asked: string | undefined): readonly string[] {
  const seen = seenSites(cx, actor);
  if (asked === undefined) return seen;
  if (!seen.includes(asked)) throw new ProblemError(404, `site: ${asked} is not known here`, "site");
  return [asked];
}

function bearerOf(header: string): string | null {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header)?.[1] ?? null;
}

/**
 * For the WebSocket's upgrade, which fastify does not see. A browser sends its cookie, a program the same header as elsewhere; a token in
 * the URL is not read, since URLs end up in logs.
 */
export function actorOfUpgrade(request: IncomingMessage, cx: ApiContext): Actor | null {
  const { authorization, cookie = "" } = request.headers;
  if (authorization !== undefined) return actorOfToken(cx.signIn, bearerOf(authorization) ?? "");
  return actorOfSession(cx.signIn, cookieOf(cookie, SESSION_COOKIE));
}

function cookieOf(header: string, name: string): string {
  for (const part of header.slice(0, 8192).split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return "";
}

/** Same origin, or none at all: a browser always sends one on an upgrade. */
export function originAllowed(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
