import type { IncomingMessage } from "node:http";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Grant } from "../document/kinds.ts";
import { systemActor } from "../service/actor.ts";
import { VERBS } from "../service/index.ts";
import { perform } from "../service/verb.ts";
import { actorOfUpgrade, installAccess, originAllowed, seenSites, sitesAsked, UndeclaredRouteError } from "./access.ts";
import { type MemoryApi, memoryApi } from "./testing/api.ts";

let memory: MemoryApi;
let token: string;

beforeAll(async () => {
  memory = await memoryApi();
  const { services } = memory.cx;
  for (const id of ["s1", "s2"]) await perform(VERBS.createSite, services, systemActor("t"), { id, name: id });
  token = (await perform(VERBS.createToken, services, systemActor("t"), { name: "x", grants: [{ site: "s1", role: "viewer" }] })).token;
});
afterAll(() => memory.stop());

const upgrade = (headers: Record<string, string>, url = "/api/v1/live") => ({ headers, url }) as unknown as IncomingMessage;
const actor = (...grants: Grant[]) => ({ id: "user-1", kind: "user" as const, tenant: "t", grants });

describe("access", () => {
  it("of a route that declares none is refused when it is added", () => {
    const app = Fastify();
    installAccess(app, memory.cx);
    expect(() => app.get("/x", () => "")).toThrow(UndeclaredRouteError);
    app.get("/y", { config: { access: "public" } }, () => "");
    expect(app.declared).toContainEqual({ method: "GET", url: "/y", access: "public" });
  });

  it("covers the sites that the grants name and that there are", () => {
    expect(seenSites(memory.cx, actor({ site: null, role: "viewer" }))).toEqual(["s1", "s2"]);
    expect(seenSites(memory.cx, actor({ site: "s2", role: "viewer" }, { site: "gone", role: "admin" }))).toEqual(["s2"]);
    expect(seenSites(memory.cx, { ...actor({ site: null, role: "admin" }), tenant: "u" })).toEqual([]);
    expect(sitesAsked(memory.cx, actor({ site: null, role: "viewer" }), "s1")).toEqual(["s1"]);
    for (const asked of ["s2", "none"]) {
      expect(() => sitesAsked(memory.cx, actor({ site: "s1", role: "admin" }), asked)).toThrow(`site: ${asked} is not known here`);
    }
  });
});

describe("an upgrade", () => {
  it("takes a token from the header and from nowhere else", () => {
    expect(actorOfUpgrade(upgrade({ authorization: `Bearer ${token}` }), memory.cx)).toMatchObject({ kind: "token", tenant: "t" });
    expect(actorOfUpgrade(upgrade({}, `/api/v1/live?token=${token}`), memory.cx)).toBeNull();
    expect(actorOfUpgrade(upgrade({ authorization: `Basic ${token}` }), memory.cx)).toBeNull();
  });

  it("takes the session's cookie, among others", async () => {
    const grants = [{ site: null, role: "viewer" }];
    const person = { login: "somebody", name: "S", password: "a long enough one", grants };
    const { id } = await perform(VERBS.createUser, memory.cx.services, systemActor("t"), person);
    const session = memory.cx.signIn.sessions.start("t", id);
    expect(actorOfUpgrade(upgrade({ cookie: `a=b; vedette_session=${session}; c` }), memory.cx)).toMatchObject({ id });
    for (const cookie of ["vedette_session=", `x_vedette_session=${session}`, `vedette_session=${session}x`, ";;=", session]) {
      expect(actorOfUpgrade(upgrade({ cookie }), memory.cx)).toBeNull();
    }
  });

  it("is of the same origin, or of no browser", () => {
    const from = (origin: string | undefined, host = "127.0.0.1:8420") =>
      originAllowed(upgrade({ host, ...(origin === undefined ? {} : { origin }) }));
    expect([from(undefined), from("http://127.0.0.1:8420"), from("https://vedette.example", "Vedette.example")]).toEqual([
      true,
      true,
      true,
    ]);
    for (const origin of ["null", "http://127.0.0.1:8421", "http://evil.example", "http://127.0.0.1:8420.evil.example", "", "x"]) {
      expect([origin, from(origin)]).toEqual([origin, false]);
    }
  });
});
