/** What people decide: thin routes over the verbs of service/, which check the permission and write the document. */
import { z } from "zod";
import { policy, profile } from "../../document/kinds.ts";
import type { Actor } from "../../service/actor.ts";
import { VERBS } from "../../service/index.ts";
import { perform, type Verb } from "../../service/verb.ts";
import { actorOf } from "../access.ts";
import type { ApiContext } from "../context.ts";
import type { Routes } from "../routes.ts";
import { list } from "../shape.ts";

const Item = z.looseObject({ id: z.string() });
const Site = z.strictObject({ site: z.string().max(64) });
const Id = z.object({ id: z.string().max(64) });

/** Times of documents are ms inside; the API speaks RFC 3339. */
const TIMES = new Set(["expiresAt", "createdAt", "recordedAt", "validFrom", "expires", "from"]);

export function withTimes<T extends object>(item: T): T {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, TIMES.has(key) && typeof value === "number" ? new Date(value).toISOString() : value]),
  ) as T;
}

type Listing = Verb<Record<string, never>, readonly { readonly id: string }[]>;
type Creation = Verb<unknown, { readonly id: string }>;
type Removal = Verb<{ id: string }, unknown>;

const LISTS: readonly (readonly [url: string, summary: string, verb: Listing])[] = [
  ["/api/v1/profiles", "Declared-service profiles", VERBS.listProfiles],
  ["/api/v1/attestations", "Attestations", VERBS.listAttestations],
  ["/api/v1/overrules", "Which sightings people said are one device, or two", VERBS.listOverrules],
  ["/api/v1/risks", "Accepted risks", VERBS.listRisks],
  ["/api/v1/users", "Users", VERBS.listUsers],
  ["/api/v1/tokens", "API tokens, without their secrets", VERBS.listTokens],
  ["/api/v1/enrolments", "Enrolment tokens, without their secrets", VERBS.listEnrolments],
];

const CREATIONS = [
  ["/api/v1/attestations", "Vouch for clauses that the network cannot show", VERBS.createAttestation],
  ["/api/v1/overrules", "Say which sightings are one device, or two", VERBS.createOverrule],
  ["/api/v1/risks", "Accept a risk for a time: mutes alerts, never verdicts", VERBS.acceptRisk],
  ["/api/v1/users", "Add a user", VERBS.createUser],
  ["/api/v1/tokens", "Make an API token; its text is shown once", VERBS.createToken],
  ["/api/v1/enrolments", "A single-use token that enrols one agent within 15 minutes; shown once", VERBS.createEnrolment],
  ["/api/v1/sites", "Add a site", VERBS.createSite],
] as unknown as readonly (readonly [url: string, summary: string, verb: Creation])[];

const REMOVALS: readonly (readonly [url: string, summary: string, verb: Removal])[] = [
  ["/api/v1/profiles/:id", "Take a profile back", VERBS.removeProfile],
  ["/api/v1/attestations/:id", "Withdraw an attestation", VERBS.withdrawAttestation],
  ["/api/v1/overrules/:id", "Take an overrule back", VERBS.removeOverrule],
  ["/api/v1/risks/:id", "Accept a risk no longer", VERBS.withdrawRisk],
  ["/api/v1/tokens/:id", "Revoke an API token", VERBS.revokeToken],
  ["/api/v1/users/:id", "Erase a person: the account is disabled, name and login are gone", VERBS.eraseUser],
];

/** Such lists are what people typed: one page. */
async function listing(verb: Listing, cx: ApiContext, actor: Actor) {
  return { items: (await perform(verb, cx.services, actor, {})).map((item) => withTimes({ ...item })), nextCursor: null };
}

export const decisionRoutes: Routes = (app, cx) => {
  for (const [url, summary, verb] of LISTS) {
    app.get(url, { config: { access: verb.permission }, schema: { summary, response: { 200: list(Item) } } }, async (request) =>
      listing(verb, cx, actorOf(request)),
    );
  }
  for (const [url, summary, verb] of CREATIONS) {
    app.post(
      url,
      { config: { access: verb.permission }, schema: { summary, body: verb.input, response: { 201: Item } } },
      async (request, reply) => reply.code(201).send(withTimes({ ...(await perform(verb, cx.services, actorOf(request), request.body)) })),
    );
  }
  for (const [url, summary, verb] of REMOVALS) {
    app.delete(
      url,
      { config: { access: verb.permission }, schema: { summary, params: Id, response: { 204: z.null() } } },
      async (request, reply) => {
        await perform(verb, cx.services, actorOf(request), { id: request.params.id });
        return reply.code(204).send(null);
      },
    );
  }
  app.put(
    "/api/v1/profiles/:id",
    {
      config: { access: VERBS.putProfile.permission },
      schema: {
        summary: "Declare the services of a model or a device",
        params: Id,
        body: profile.omit({ from: true }),
        response: { 200: Item },
      },
    },
    async (request) => perform(VERBS.putProfile, cx.services, actorOf(request), { ...request.body, id: request.params.id }),
  );
  app.patch(
    "/api/v1/users/:id",
    {
      config: { access: VERBS.updateUser.permission },
      schema: {
        summary: "Change a user's roles, or disable him; his sessions end",
        params: Id,
        body: z.looseObject({}),
        response: { 200: Item },
      },
    },
    async (request) => perform(VERBS.updateUser, cx.services, actorOf(request), { ...request.body, id: request.params.id }),
  );
  app.get(
    "/api/v1/policies",
    {
      config: { access: VERBS.getPolicy.permission },
      schema: { summary: "The policy of a site", querystring: Site, response: { 200: policy } },
    },
    async (request) => perform(VERBS.getPolicy, cx.services, actorOf(request), request.query),
  );
  app.put(
    "/api/v1/policies",
    {
      config: { access: VERBS.setPolicy.permission },
      schema: {
        summary: "Set the policy of a site; agents may only narrow by it",
        querystring: Site,
        body: policy.omit({ version: true }),
        response: { 200: z.object({ version: z.number().int() }) },
      },
    },
    async (request) => perform(VERBS.setPolicy, cx.services, actorOf(request), { site: request.query.site, policy: request.body }),
  );
  app.post(
    "/api/v1/agents/:id/revocation",
    {
      config: { access: VERBS.revokeAgent.permission },
      schema: {
        summary: "Cut an agent off for good, within seconds",
        params: Id,
        body: z.strictObject({ reason: z.string().max(500) }),
        response: { 201: Item },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await perform(VERBS.revokeAgent, cx.services, actorOf(request), { id: request.params.id, ...request.body })),
  );
};
