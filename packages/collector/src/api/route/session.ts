import { z } from "zod";
import { VERBS } from "../../service/index.ts";
import { signIn } from "../../service/session/sign-in.ts";
import { openPerson } from "../../service/user/person.ts";
import { perform } from "../../service/verb.ts";
import { actorOf, SESSION_COOKIE, SIGNED_IN } from "../access.ts";
import { PASSWORD_TRIES } from "../limit.ts";
import type { Routes } from "../routes.ts";

const Me = z.object({
  id: z.string(),
  kind: z.enum(["user", "token", "system"]),
  tenant: z.string(),
  grants: z.array(z.object({ site: z.string().nullable(), role: z.string() })),
  name: z.string(),
  mustChangePassword: z.boolean(),
});

export const sessionRoutes: Routes = (app, cx) => {
  app.post(
    "/api/v1/session",
    {
      config: { access: "public", rateLimit: PASSWORD_TRIES },
      schema: {
        summary: "Sign in; the session is a cookie",
        body: z.strictObject({ user: z.string().min(1).max(120), password: z.string().min(1).max(256) }),
        response: { 200: z.object({ tenant: z.string(), mustChangePassword: z.boolean() }) },
      },
    },
    async (request, reply) => {
      const { user, password } = request.body;
      const signed = await signIn(cx.signIn, user, password, request.ip);
      reply.setCookie(SESSION_COOKIE, signed.session, {
        path: "/",
        httpOnly: true,
        sameSite: "strict",
        // TLS ends at a proxy, if anywhere. Whoever makes this header up makes only his own cookie stricter.
        secure: request.headers["x-forwarded-proto"] === "https",
      });
      return { tenant: signed.actor.tenant, mustChangePassword: signed.mustChange };
    },
  );
  app.delete(
    "/api/v1/session",
    { config: { access: SIGNED_IN }, schema: { summary: "Sign out", response: { 204: z.null() } } },
    async (request, reply) => {
      cx.signIn.sessions.end(request.cookies[SESSION_COOKIE] ?? "");
      reply.clearCookie(SESSION_COOKIE, { path: "/" });
      return reply.code(204).send(null);
    },
  );
  app.get("/api/v1/me", { config: { access: SIGNED_IN }, schema: { summary: "Who I am here", response: { 200: Me } } }, async (request) => {
    const actor = actorOf(request);
    const user = actor.kind === "user" ? cx.services.log.view.get(actor.tenant, "user", actor.id) : null;
    const token = actor.kind === "token" ? cx.services.log.view.get(actor.tenant, "token", actor.id) : null;
    const person = user === null ? null : openPerson(cx.services.keys, user);
    return {
      id: actor.id,
      kind: actor.kind,
      tenant: actor.tenant,
      grants: actor.grants.map((g) => ({ site: g.site, role: g.role })),
      name: person?.name ?? token?.body.name ?? actor.id,
      mustChangePassword: user?.body.mustChange ?? false,
    };
  });
  app.put(
    "/api/v1/me/password",
    {
      config: { access: VERBS.setPassword.permission, rateLimit: PASSWORD_TRIES },
      schema: { summary: "Change my password; every session of mine ends", body: VERBS.setPassword.input, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await perform(VERBS.setPassword, cx.services, actorOf(request), request.body);
      return reply.code(204).send(null);
    },
  );
};
