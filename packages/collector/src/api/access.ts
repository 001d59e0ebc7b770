/** Who asks: a bearer token or the session's cookie. Every route declares what it needs; one that does not is refused at the start. */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Role } from "../document/kinds.ts";
import { type Actor, allows, sitesOf } from "../service/actor.ts";
import { actorOfSession, actorOfToken } from "../service/session/sign-in.ts";
import type { ApiContext } from "./context.ts";
import { ProblemError } from "./problem.ts";

export const SESSION_COOKIE = "vedette_session";
/** Sent by the console with every call that changes something: a form of a foreign page cannot set it. */
export const CSRF_HEADER = "x-vedette-console";

/** "public": nobody in particular. "verb": signed in; the service's verb checks its own permission. A role: held at one site at least. */
export type Access = "public" | "verb" | Role;

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
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
  app.decorateRequest("actor", null);
  app.addHook("onRoute", (route) => {
    if (route.config?.access === undefined) throw new UndeclaredRouteError(`${String(route.method)} ${route.url} declares no access`);
  });
  app.addHook("onRequest", async (request) => {
    const access = request.routeOptions.config.access;
    // An unknown path has no route and so no declaration; it is answered with 404.
    if (access === undefined || access === "public") return;
    const bearer = bearerOf(request.headers.authorization);
    const actor = bearer === null ? actorOfSession(cx.signIn, request.cookies[SESSION_COOKIE] ?? "") : actorOfToken(cx.signIn, bearer);
    if (actor === null)
      throw new ProblemError(
        401,
        bearer === null ? "no session; sign in, or send Authorization: Bearer TOKEN" : "the token is not known or has ended",
      );
    if (bearer === null && !SAFE.has(request.method) && request.headers[CSRF_HEADER] === undefined) {
      throw new ProblemError(403, `calls of a session that change something need the header ${CSRF_HEADER}`);
    }
    if (access !== "verb" && sitesOf(actor, access)?.length === 0) throw new ProblemError(403, `this needs the role ${access}`);
    request.actor = actor;
  });
}

/** The actor of a route that is not public. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new ProblemError(401, "sign in first");
  return request.actor;
}

/** The sites that a list may cover: those asked for, as far as the actor may see them. null: all of the tenant. */
export function visibleSites(actor: Actor, asked: string | undefined): readonly string[] | null {
  const sites = sitesOf(actor, "viewer");
  if (asked === undefined) return sites;
  requireSiteSeen(actor, asked);
  return [asked];
}

/** @throws ProblemError 404: what one may not see is not told apart from what is not there */
export function requireSiteSeen(actor: Actor, site: string): void {
  if (!allows(actor, "viewer", site)) throw new ProblemError(404, `site: ${site} is not known here`, "site");
}

export function bearerOf(header: string | undefined): string | null {
  const match = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header ?? "");
  return match?.[1] ?? null;
}

/** For the WebSocket's upgrade, which fastify does not see. A browser cannot set headers there, so its cookie counts, or a token in the query for programs. */
export function actorOfUpgrade(request: IncomingMessage, cx: ApiContext): Actor | null {
  const bearer = bearerOf(request.headers.authorization) ?? tokenInQuery(request.url ?? "");
  if (bearer !== null) return actorOfToken(cx.signIn, bearer);
  return actorOfSession(cx.signIn, cookieOf(request.headers.cookie ?? "", SESSION_COOKIE));
}

function tokenInQuery(url: string): string | null {
  const at = url.indexOf("?");
  const token = at < 0 ? null : new URLSearchParams(url.slice(at, at + 8192)).get("token");
  return token === null || token.length > 4096 ? null : token;
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
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
