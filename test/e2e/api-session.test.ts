/** Signing in, the session's cookie and its end, on a real stack. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { VERBS } from "@vedette/collector/src/service/index.ts";
import { perform } from "@vedette/collector/src/service/verb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SeededApi, startSeededApi } from "../kit/seeded-api.ts";

const PASSWORD = "a long enough one";
const NEXT = "another long enough one";
const CSRF = { "x-vedette-console": "1" };

let api: SeededApi;
let folder: string;
let addresses = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-pages-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>console</title>");
  await writeFile(join(folder, "secret.txt"), "outside of the assets");
  await writeFile(join(folder, "assets", "a.js"), "1");
  await writeFile(join(folder, "assets", ".hidden"), "hidden");
  api = await startSeededApi({ console: folder });
});
afterAll(async () => {
  await api?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A user of tenant t, and a new address to come from. */
async function person(): Promise<{ login: string; from: string; id: string }> {
  addresses += 1;
  const login = `person-${addresses}`;
  const grants = [{ site: null, role: "admin" }];
  const { id } = await perform(VERBS.createUser, api.services, systemActor("t"), { login, name: "P", password: PASSWORD, grants });
  return { login, id, from: `198.18.1.${addresses}` };
}

function signIn(from: string, user: string, password: string, headers: Record<string, string> = {}) {
  return api.app.inject({ method: "POST", url: "/api/v1/session", remoteAddress: from, headers, payload: { user, password } });
}

async function cookieOf(from: string, user: string, password = PASSWORD): Promise<string> {
  const answer = await signIn(from, user, password);
  expect(answer.statusCode).toBe(200);
  return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
}

const me = (cookie: string) => api.app.inject({ url: "/api/v1/me", headers: { cookie } });

describe("a session", () => {
  it("begins with the right login: a cookie that no script reads and no other site sends", async () => {
    const { login, from, id } = await person();
    const answer = await signIn(from, login, PASSWORD);
    expect(answer.json()).toEqual({ tenant: "t", mustChangePassword: true });
    const flags = String(answer.headers["set-cookie"]).split("; ").slice(1).sort();
    expect(flags).toEqual(["HttpOnly", "Path=/", "SameSite=Strict"]);
    const secure = await signIn(from, login, PASSWORD, { "x-forwarded-proto": "https" });
    expect(String(secure.headers["set-cookie"])).toContain("; Secure");
    const cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
    const asked = await me(cookie);
    expect(asked.json()).toMatchObject({ id, kind: "user", tenant: "t", name: "P" });
    expect(asked.headers["cache-control"]).toBe("no-store");
  });

  it("is locked out by the sixth wrong password, also for the right one, and says nothing of which was wrong", async () => {
    const { login, from } = await person();
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await signIn(from, login, "wrong"));
    expect(answers.map((a) => a.statusCode)).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await signIn(from, login, PASSWORD)).statusCode).toBe(429);
    // The login is locked wherever the next attempt comes from, the address whatever login it tries.
    expect((await signIn("198.18.2.1", login, PASSWORD)).statusCode).toBe(429);
    expect((await signIn(from, (await person()).login, PASSWORD)).statusCode).toBe(429);
    const unknown = await signIn("198.18.2.2", "nobody", "wrong");
    expect({ ...unknown.json() }).toEqual({ ...answers[0]?.json() });
  });

  it("needs the console's header for what changes something, and takes JSON alone", async () => {
    const { login, from } = await person();
    const cookie = await cookieOf(from, login);
    const create = (headers: Record<string, string>, payload: object | string = { id: `x${addresses}`, name: "X" }) =>
      api.app.inject({ method: "POST", url: "/api/v1/sites", headers: { cookie, ...headers }, payload });
    const refused = await create({});
    expect(refused.statusCode).toBe(403);
    expect(refused.headers["content-type"]).toContain("application/problem+json");
    expect((await create({ ...CSRF, "content-type": "text/plain" }, "{}")).statusCode).toBe(415);
    expect((await create({ ...CSRF, "content-type": "application/x-www-form-urlencoded" }, "id=x")).statusCode).toBe(415);
    expect((await create(CSRF)).statusCode).toBe(201);
    const form = { method: "POST", url: "/api/v1/session", remoteAddress: from, headers: { "content-type": "text/plain" } } as const;
    expect((await api.app.inject({ ...form, payload: JSON.stringify({ user: login, password: PASSWORD }) })).statusCode).toBe(415);
  });

  it("ends with logout, with every change of the password, and when the account is disabled", async () => {
    const { login, from, id } = await person();
    const [one, two] = [await cookieOf(from, login), await cookieOf(from, login)];
    const out = await api.app.inject({ method: "DELETE", url: "/api/v1/session", headers: { cookie: one, ...CSRF } });
    expect(out.statusCode).toBe(204);
    expect([(await me(one)).statusCode, (await me(two)).statusCode]).toEqual([401, 200]);

    const change = (current: string, cookie = two) =>
      api.app.inject({
        method: "PUT",
        url: "/api/v1/me/password",
        remoteAddress: from,
        headers: { cookie, ...CSRF },
        payload: { current, password: NEXT },
      });
    expect((await change("not mine")).statusCode).toBe(403);
    expect((await change(PASSWORD)).statusCode).toBe(204);
    expect((await me(two)).statusCode).toBe(401);
    expect((await signIn(from, login, PASSWORD)).statusCode).toBe(401);

    const three = await cookieOf(from, login, NEXT);
    await perform(VERBS.updateUser, api.services, systemActor("t"), { id, disabled: true });
    expect((await me(three)).statusCode).toBe(401);
    expect((await signIn(from, login, NEXT)).statusCode).toBe(401);
  });

  it("does not outweigh a token that is sent beside it", async () => {
    const { login, from } = await person();
    const cookie = await cookieOf(from, login);
    for (const authorization of ["Bearer vdk1.t.none.secret", "Bearer", "Basic eDp5", `Bearer ${"x".repeat(5_000)}`]) {
      const answer = await api.app.inject({ url: "/api/v1/me", headers: { cookie, authorization } });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
    }
  });
});

describe("limits", () => {
  it("count refused calls and unknown paths too", async () => {
    const remoteAddress = "198.18.9.1";
    const statuses = new Map<number, number>();
    for (let i = 0; i < 2_100; i++) {
      const url = i % 2 === 0 ? "/api/v1/me" : "/api/v1/none";
      const { statusCode } = await api.app.inject({ url, remoteAddress, headers: { authorization: "Bearer guess" } });
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
    expect(statuses.get(429)).toBeGreaterThan(0);
    expect((await api.app.inject({ url: "/healthz", remoteAddress })).headers["retry-after"]).toMatch(/^\d+$/);
    expect((await api.app.inject({ url: "/healthz", remoteAddress: "198.18.9.2" })).statusCode).toBe(200);
  });
});

describe("pages", () => {
  it("carry the policy of content, as the API does, whatever the answer", async () => {
    for (const url of ["/", "/devices/x", "/assets/a.js", "/api/v1/me", "/api/none", "/healthz"]) {
      const { headers } = await api.app.inject({ url });
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["x-frame-options"]).toBeDefined();
    }
  });

  it("serve nothing but the page and its assets", async () => {
    expect((await api.app.inject({ url: "/devices/x" })).body).toContain("console");
    expect((await api.app.inject({ url: "/assets/a.js" })).body).toBe("1");
    const tried = [
      "/secret.txt",
      "/assets/../secret.txt",
      "/assets/..%2fsecret.txt",
      "/assets/%2e%2e/secret.txt",
      "/assets/..%5csecret.txt",
      "/assets/....//secret.txt",
      "/assets/%00",
      "/assets/.hidden",
      "/assets/",
      "//etc/passwd.",
      "/api/v1/",
    ];
    for (const url of tried) {
      const { statusCode, body } = await api.app.inject({ url });
      expect([url, statusCode >= 400 && statusCode < 500]).toEqual([url, true]);
      expect(body).not.toMatch(/outside|hidden"?$|root:/);
    }
  });
});
