/** What people decide: thin routes over the verbs of service/, which check the permission and write the document. */
import { z } from "zod";
import type { Actor } from "../../service/actor.ts";
import { VERBS } from "../../service/index.ts";
import { perform, type Verb } from "../../service/verb.ts";
import { actorOf } from "../access.ts";
import type { ApiContext } from "../context.ts";
import type { Routes } from "../routes.ts";
import { list } from "../shape.ts";

const Item = z.looseObject({});
const Site = z.strictObject({ site: z.string().max(64) });
const Id = z.object({ id: z.string().max(64) });

/** Times of documents are ms inside; the API speaks RFC 3339. */
const TIMES = new Set(["expiresAt", "createdAt", "recordedAt", "validFrom", "expires", "from", "decidedAt", "revokedAt"]);

export function withTimes(item: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, TIMES.has(key) && typeof value === "number" ? new Date(value).toISOString() : value]),
  );
}

/** A verb whose output is a list, without a page: such lists are what people typed. */
async function listing<T extends object>(verb: Verb<Record<string, never>, readonly T[]>, cx: ApiContext, actor: Actor) {
  return { items: (await perform(verb, cx.services, actor, {})).map(withTimes), nextCursor: null };
}

export const decisionRoutes: Routes = (app, cx) => {
  const access = { access: "verb" as const };
  const lists = [
    ["/api/v1/profiles", "Declared-service profiles", VERBS.listProfiles],
    ["/api/v1/attestations", "Attestations", VERBS.listAttestations],
    ["/api/v1/users", "Users", VERBS.listUsers],
    ["/api/v1/tokens", "API tokens, without their secrets", VERBS.listTokens],
  ] as const;
  for (const [url, summary, verb] of lists) {
    app.get(url, { config: access, schema: { summary, response: { 200: list(Item) } } }, async (request) =>
      listing(verb as Verb<Record<string, never>, readonly object[]>, cx, actorOf(request)),
    );
  }
  const creations = [
    ["/api/v1/attestations", "Vouch for clauses that the network cannot show", VERBS.createAttestation],
    ["/api/v1/overrules", "Say which sightings are one device, or two", VERBS.createOverrule],
    ["/api/v1/risks", "Accept a risk for a time: mutes alerts, never verdicts", VERBS.acceptRisk],
    ["/api/v1/users", "Add a user", VERBS.createUser],
    ["/api/v1/tokens", "Make an API token; its text is shown once", VERBS.createToken],
    ["/api/v1/sites", "Add a site", VERBS.createSite],
  ] as const;
  for (const [url, summary, verb] of creations) {
    app.post(url, { config: access, schema: { summary, body: z.unknown(), response: { 201: Item } } }, async (request, reply) =>
      reply.code(201).send(withTimes(await perform(verb as Verb<unknown, object>, cx.services, actorOf(request), request.body))),
    );
  }
  app.put(
    "/api/v1/profiles/:id",
    {
      config: access,
      schema: { summary: "Declare the services of a model or a device", params: Id, body: z.looseObject({}), response: { 200: Item } },
    },
    async (request) => ({
      ...(await perform(VERBS.putProfile, cx.services, actorOf(request), { ...request.body, id: request.params.id })),
    }),
  );
  app.delete(
    "/api/v1/profiles/:id",
    { config: access, schema: { summary: "Take a profile back", params: Id, response: { 204: z.null() } } },
    async (request, reply) => {
      await perform(VERBS.removeProfile, cx.services, actorOf(request), { id: request.params.id });
      return reply.code(204).send(null);
    },
  );
  app.get(
    "/api/v1/policies",
    { config: access, schema: { summary: "The policy of a site", querystring: Site, response: { 200: Item } } },
    async (request) => ({
      ...(await perform(VERBS.getPolicy, cx.services, actorOf(request), request.query)),
    }),
  );
  app.put(
    "/api/v1/policies",
    {
      config: access,
      schema: {
        summary: "Set the policy of a site; agents may only narrow by it",
        querystring: Site,
        body: z.looseObject({}),
        response: { 200: Item },
      },
    },
    async (request) => ({
      ...(await perform(VERBS.setPolicy, cx.services, actorOf(request), { site: request.query.site, policy: request.body })),
    }),
  );
};
