/** Guarantee: every route × role × tenant × site, 0 allowed where it is not permitted, and nothing told or changed there. */
import { defaultPolicy } from "@vedette/collector/src/control/policy.ts";
import type { Grant, Role } from "@vedette/collector/src/document/kinds.ts";
import { ROLES } from "@vedette/collector/src/document/kinds.ts";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { VERBS } from "@vedette/collector/src/service/index.ts";
import { perform, type Verb } from "@vedette/collector/src/service/verb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SeededApi, startSeededApi } from "../kit/seeded-api.ts";
import { deviceOf, markOf } from "../kit/seeded-rows.ts";

let api: SeededApi;

beforeAll(async () => {
  api = await startSeededApi();
});
afterAll(() => api?.stop());

const HERE = { tenant: "t", site: "s1" };
const DEVICE = deviceOf(HERE);
const MARK = markOf(HERE);
const LATER = Date.UTC(2100, 0, 1);
const REASON = "because";

/** "public" and "self" are for anybody (who has signed in); "lists" and "own tenant": each in his own reach; "named site": at the site s1 of the caller's tenant, which the request names; "site" and "tenant": at s1 or over all of t, to which the thing belongs that the request names. */
type Reach = "public" | "self" | "lists" | "own tenant" | "named site" | "site" | "tenant";

interface Entry {
  readonly at: Reach;
  readonly role?: Role;
  /** Statuses of who is permitted. */
  readonly ok: readonly number[];
  readonly url?: string;
  readonly body?: object;
  /** Makes what the request is about, and gives its id. */
  readonly make?: () => Promise<string>;
}

const made = (verb: unknown, input: object) => async () => {
  const output = await perform(verb as Verb<unknown, { id: string }>, api.services, systemActor(HERE.tenant), input);
  return output.id;
};
/** What requests say: the same as what is made beforehand, but without the mark. */
const said = (input: object): object => JSON.parse(JSON.stringify(input).replaceAll(MARK, "said"));
const attestation = {
  site: HERE.site,
  clauses: ["5.3.3.1"],
  target: { site: HERE.site },
  result: "pass",
  documentHash: "0".repeat(64),
  standard: MARK,
  validFrom: 0,
  expires: LATER,
};
const overrule = { site: HERE.site, kind: "join", a: "a", b: "b", reason: MARK };
const risk = { site: HERE.site, device: null, clause: "5.3.3.1", reason: MARK, expires: LATER };
const profile = { site: HERE.site, match: { vendor: MARK }, services: ["tcp/443"] };
let logins = 0;
const user = () => {
  logins += 1;
  return { login: `login-${logins}`, name: MARK, password: "a long enough one", grants: [{ site: null, role: "viewer" }] };
};
const token = { name: MARK, grants: [{ site: null, role: "viewer" }] };
const { version: _, ...policy } = defaultPolicy();

async function enrolAgent(): Promise<string> {
  logins += 1;
  const id = `agent-${logins}`;
  const natsUserKeys = [{ key: "U".padEnd(56, "A"), replacedAt: null }];
  const body = { site: HERE.site, publicKey: "", natsUserKeys, hostName: MARK, version: "1", enrolledAt: 0, certificateExpiresAt: 0 };
  await api.services.log.append(HERE.tenant, "system", () => ({ kind: "agent", id, body }));
  return id;
}

const TABLE: Readonly<Record<string, Entry>> = {
  "GET /healthz": { at: "public", ok: [200] },
  "GET /readyz": { at: "public", ok: [200] },
  "GET /metrics": { at: "public", ok: [200] },
  "GET /api/v1/openapi.json": { at: "public", ok: [200] },
  "POST /api/v1/session": { at: "public", ok: [400], body: {} },
  "DELETE /api/v1/session": { at: "self", ok: [204] },
  "GET /api/v1/me": { at: "self", ok: [200] },
  "PUT /api/v1/me/password": { at: "self", ok: [403], body: { current: "x", password: "a long enough one" } },
  "GET /api/v1/standards/:id": { at: "self", ok: [200], url: "/api/v1/standards/ts-0014-1@2" },
  "GET /api/v1/sites": { at: "lists", role: "viewer", ok: [200] },
  "POST /api/v1/sites": { at: "own tenant", role: "admin", ok: [201, 409], body: { id: "s3", name: "S3" } },
  "GET /api/v1/agents": { at: "lists", role: "viewer", ok: [200], make: enrolAgent },
  "POST /api/v1/agents/:id/revocation": { at: "site", role: "operator", ok: [201], body: { reason: REASON }, make: enrolAgent },
  "GET /api/v1/devices": { at: "lists", role: "viewer", ok: [200] },
  "GET /api/v1/devices/:id": { at: "site", role: "viewer", ok: [200] },
  "PATCH /api/v1/devices/:id": {
    at: "site",
    role: "operator",
    ok: [202],
    body: { name: "gate", membership: "out", reason: REASON },
  },
  // No agent is online: who may ask learns that.
  "POST /api/v1/devices/:id/check": { at: "site", role: "operator", ok: [503] },
  "GET /api/v1/devices/:id/observations": { at: "site", role: "viewer", ok: [200] },
  "GET /api/v1/devices/:id/assessment": { at: "site", role: "viewer", ok: [200] },
  "GET /api/v1/devices/:id/timeline": { at: "site", role: "viewer", ok: [200] },
  "GET /api/v1/events": { at: "lists", role: "viewer", ok: [200] },
  "GET /api/v1/profiles": { at: "lists", role: "viewer", ok: [200], make: made(VERBS.putProfile, { ...profile, id: "p" }) },
  "PUT /api/v1/profiles/:id": { at: "named site", role: "operator", ok: [200], url: "/api/v1/profiles/q", body: said(profile) },
  "DELETE /api/v1/profiles/:id": {
    at: "site",
    role: "operator",
    ok: [204],
    make: made(VERBS.putProfile, { ...profile, id: "p2" }),
  },
  "GET /api/v1/attestations": { at: "lists", role: "viewer", ok: [200], make: made(VERBS.createAttestation, attestation) },
  "POST /api/v1/attestations": { at: "named site", role: "auditor", ok: [201], body: said(attestation) },
  "DELETE /api/v1/attestations/:id": { at: "site", role: "auditor", ok: [204], make: made(VERBS.createAttestation, attestation) },
  "GET /api/v1/overrules": { at: "lists", role: "viewer", ok: [200], make: made(VERBS.createOverrule, overrule) },
  "POST /api/v1/overrules": { at: "named site", role: "operator", ok: [201], body: said(overrule) },
  "DELETE /api/v1/overrules/:id": { at: "site", role: "operator", ok: [204], make: made(VERBS.createOverrule, overrule) },
  "GET /api/v1/risks": { at: "lists", role: "viewer", ok: [200], make: made(VERBS.acceptRisk, risk) },
  "POST /api/v1/risks": { at: "named site", role: "operator", ok: [201], body: said(risk) },
  "DELETE /api/v1/risks/:id": { at: "site", role: "operator", ok: [204], make: made(VERBS.acceptRisk, risk) },
  "GET /api/v1/users": { at: "own tenant", role: "admin", ok: [200], make: () => made(VERBS.createUser, user())() },
  "POST /api/v1/users": { at: "own tenant", role: "admin", ok: [201, 409], body: said(user()) },
  "PATCH /api/v1/users/:id": {
    at: "tenant",
    role: "admin",
    ok: [200],
    body: { disabled: true },
    make: () => made(VERBS.createUser, user())(),
  },
  "DELETE /api/v1/users/:id": { at: "tenant", role: "admin", ok: [204], make: () => made(VERBS.createUser, user())() },
  "GET /api/v1/tokens": { at: "own tenant", role: "admin", ok: [200], make: made(VERBS.createToken, token) },
  "POST /api/v1/tokens": { at: "own tenant", role: "admin", ok: [201], body: said(token) },
  "DELETE /api/v1/tokens/:id": { at: "tenant", role: "admin", ok: [204], make: made(VERBS.createToken, token) },
  "GET /api/v1/enrolments": { at: "lists", role: "operator", ok: [200], make: made(VERBS.createEnrolment, { site: HERE.site }) },
  "POST /api/v1/enrolments": { at: "named site", role: "operator", ok: [201], body: { site: HERE.site } },
  "GET /api/v1/policies": { at: "named site", role: "viewer", ok: [200], url: "/api/v1/policies?site=s1" },
  "PUT /api/v1/policies": { at: "named site", role: "operator", ok: [200], url: "/api/v1/policies?site=s1", body: policy },
};

interface Caller {
  readonly name: string;
  readonly tenant: string | null;
  readonly grant: Grant | null;
}

const CALLERS: readonly Caller[] = [
  { name: "nobody", tenant: null, grant: null },
  ...ROLES.flatMap((role) =>
    [null, "s1", "s2"].map((site) => ({ name: `${role} of ${site ?? "all"} in t`, tenant: "t", grant: { site, role } })),
  ),
  // Of another tenant whose sites bear the same ids.
  ...ROLES.flatMap((role) =>
    [null, "s1"].map((site) => ({ name: `${role} of ${site ?? "all"} in u`, tenant: "u", grant: { site, role } })),
  ),
];

const rank = (role: Role) => ROLES.indexOf(role);

/** Whether the caller holds the role where the entry wants it. */
function permitted({ at, role = "viewer" }: Entry, { tenant, grant }: Caller): boolean {
  if (at === "public") return true;
  if (tenant === null || grant === null) return false;
  if (at === "self") return true;
  if (rank(grant.role) < rank(role)) return false;
  if (at === "lists") return true;
  if (at === "own tenant") return grant.site === null;
  if (at === "named site") return grant.site === null || grant.site === HERE.site;
  return tenant === HERE.tenant && (grant.site === null || (at === "site" && grant.site === HERE.site));
}

/** Whether he may know anything of site s1 of tenant t. */
function seesIt({ tenant, grant }: Caller): boolean {
  return tenant === HERE.tenant && grant !== null && (grant.site === null || grant.site === HERE.site);
}

describe("the isolation matrix", () => {
  it("has an entry for every route of the application, and no other", () => {
    const routes = api.app.declared.filter(({ method }) => method !== "HEAD").map(({ method, url }) => `${method} ${url}`);
    expect(routes.sort()).toEqual(Object.keys(TABLE).sort());
  });

  it("asks of every route exactly what the application declares", () => {
    for (const { method, url, access } of api.app.declared) {
      const entry = TABLE[`${method === "HEAD" ? "GET" : method} ${url}`];
      if (access === "public") expect(entry?.at).toBe("public");
      else expect([url, entry?.role ?? "viewer"]).toEqual([url, access.role]);
    }
  });

  it.each(CALLERS.map((caller) => [caller.name, caller] as const))("holds for %s", { timeout: 120_000 }, async (_name, caller) => {
    const bearer = caller.tenant === null || caller.grant === null ? null : await api.token(caller.tenant, [caller.grant]);
    const wrong: string[] = [];
    for (const [route, entry] of Object.entries(TABLE)) {
      const [method = "", path = ""] = route.split(" ");
      const id = (await entry.make?.()) ?? DEVICE;
      const head = api.services.log.view.head(HERE.tenant)?.seq;
      const answer = await api.app.inject({
        method: method as "GET",
        url: entry.url ?? path.replace(":id", id),
        // An address of his own: the limits of one address are another test's matter.
        remoteAddress: `198.18.0.${1 + CALLERS.indexOf(caller)}`,
        headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
        ...(entry.body === undefined ? {} : { payload: entry.body }),
      });
      const may = permitted(entry, caller);
      const told = `${route}: ${answer.statusCode} ${answer.body.slice(0, 200)}`;
      if (may && !entry.ok.includes(answer.statusCode)) wrong.push(`should be allowed: ${told}`);
      if (!may && ![401, 403, 404, 400].includes(answer.statusCode)) wrong.push(`should be refused: ${told}`);
      if (!may && caller.tenant === null && answer.statusCode !== 401) wrong.push(`should be 401: ${told}`);
      if (!may && api.services.log.view.head(HERE.tenant)?.seq !== head) wrong.push(`changed something: ${told}`);
      if (caller.tenant === "u" && api.services.log.view.head(HERE.tenant)?.seq !== head) wrong.push(`reached across: ${told}`);
      if (!seesIt(caller) && answer.body.includes(MARK)) wrong.push(`told of the site: ${told}`);
      if (may && entry.at === "lists" && seesIt(caller) && answer.body.includes(markOf({ tenant: "u", site: "s1" })))
        wrong.push(`told of another tenant: ${told}`);
    }
    expect(wrong).toEqual([]);
    expect(api.faults).toEqual([]);
  });

  it("would show the mark of the site to who may see it", async () => {
    const bearer = await api.token("t", [{ site: "s1", role: "operator" }]);
    for (const [route, { at, url, role = "viewer" }] of Object.entries(TABLE)) {
      const path = route.split(" ")[1] ?? "";
      const marked = at === "lists" || (at === "site" && path.startsWith("/api/v1/devices"));
      if (!route.startsWith("GET") || !marked || role === "operator" || /sites|agents|timeline|assessment/.test(path)) continue;
      const headers = { authorization: `Bearer ${bearer}` };
      const { body } = await api.app.inject({ url: url ?? path.replace(":id", DEVICE), headers });
      expect([route, body.includes(MARK)]).toEqual([route, true]);
    }
  });

  it("tells a site or a device of others from one that is not there by nothing", async () => {
    const bearer = await api.token("t", [{ site: "s1", role: "admin" }]);
    const foreign = [deviceOf({ tenant: "t", site: "s2" }), deviceOf({ tenant: "u", site: "s1" })];
    const ask = async (url: string) => {
      const { statusCode, body } = await api.app.inject({ url, headers: { authorization: `Bearer ${bearer}` } });
      return { statusCode, body };
    };
    for (const suffix of ["", "/assessment", "/timeline", "/observations"]) {
      const absent = await ask(`/api/v1/devices/none${suffix}`);
      expect(absent.statusCode).toBe(404);
      for (const id of foreign) {
        const answer = await ask(`/api/v1/devices/${id}${suffix}`);
        expect({ ...answer, body: answer.body.replace(id, "none") }).toEqual(absent);
      }
    }
    for (const list of ["devices", "events"]) {
      const absent = await ask(`/api/v1/${list}?site=none`);
      const there = await ask(`/api/v1/${list}?site=s2`);
      expect(absent.statusCode).toBe(404);
      expect({ ...there, body: there.body.replace("s2", "none") }).toEqual(absent);
    }
    expect((await ask(`/api/v1/events?device=${foreign[0]}`)).body).not.toContain("event-");
  });
});
