import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createControlContext } from "../control/context.ts";
import { defaultPolicy, demoPolicy } from "../control/policy.ts";
import { decisionsOf } from "../document/decisions.ts";
import type { DocumentLog } from "../document/log.ts";
import { memoryLog } from "../document/testing/memory.ts";
import type { KeyError } from "../keys/key-error.ts";
import { type Keys, loadOrMakeKeys } from "../keys/load.ts";
import { type Actor, allows, systemActor } from "./actor.ts";
import { type BootstrapOptions, bootstrap } from "./bootstrap.ts";
import { VERBS } from "./index.ts";
import { Lockout } from "./session/lockout.ts";
import { hashPassword, verifyPassword } from "./session/password.ts";
import { Sessions } from "./session/sessions.ts";
import { actorOfSession, actorOfToken, type SignInContext, signIn } from "./session/sign-in.ts";
import { perform, type ServiceContext, type Verb } from "./verb.ts";

let folder: string;
let keys: Keys;
let log: DocumentLog;
let cx: ServiceContext;
let door: SignInContext;
let now: number;
const system = systemActor("t");

const OPTIONS: BootstrapOptions = {
  tenant: { id: "t", name: "Tenant" },
  site: { id: "s", name: "Site" },
  policy: defaultPolicy(),
  policyFollows: false,
  profiles: [{ id: "p1", site: null, match: { vendor: "Acme", model: "C1" }, services: ["tcp/443", "tcp/554"] }],
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-service-"));
  now = Date.UTC(2026, 0, 1);
  keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now });
  log = await memoryLog(() => now);
  const { tasks, presence } = createControlContext({ keys, log, now: () => now, natsUrls: [], onAgent: () => undefined });
  cx = { keys, log, now: () => now, grpc: "127.0.0.1:1", tasks, presence };
  door = { keys, log, now: () => now, sessions: new Sessions(() => now), lockout: new Lockout(() => now) };
});
afterEach(async () => {
  await log.stop();
  await rm(folder, { recursive: true, force: true });
});

const user = (grants: Actor["grants"]): Actor => ({ id: "user-1", kind: "user", tenant: "t", grants });

describe("the first start", () => {
  it("makes its documents once and the same credentials ever after", async () => {
    const first = await bootstrap(cx, OPTIONS);
    const seq = log.view.head("t")?.seq;
    const second = await bootstrap(cx, OPTIONS);
    expect(first.firstStart).toBe(true);
    expect(second).toEqual({ ...first, firstStart: false });
    expect(log.view.head("t")?.seq).toBe(seq);
    expect(log.view.tenants()).toEqual(["_", "t"]);
    expect(actorOfToken(door, first.apiToken)).toMatchObject({ tenant: "t", grants: [{ site: null, role: "admin" }] });
    expect(decisionsOf(log.view, "t", "s").profiles).toMatchObject([{ id: "p1", services: ["tcp/443", "tcp/554"] }]);
  });

  it("keeps the first password in a file until it is changed", async () => {
    const { firstLogin } = await bootstrap(cx, OPTIONS);
    expect(firstLogin?.user).toBe("admin");
    const password = firstLogin?.password ?? "";
    const { actor, mustChange, session } = await signIn(door, "admin", password, "1");
    expect(mustChange).toBe(true);
    expect(await readFile(join(folder, "keys", "first-login"), "utf8")).toContain(password);
    now += 1_000;
    await perform(VERBS.setPassword, cx, actor, { current: password, password: "a long enough one" });
    await expect(readFile(join(folder, "keys", "first-login"))).rejects.toThrow("ENOENT");
    expect(actorOfSession(door, session)).toBeNull();
    expect((await signIn(door, "admin", "a long enough one", "1")).mustChange).toBe(false);
    expect((await bootstrap(cx, OPTIONS)).firstLogin).toBeNull();
  });

  it("lets people's policy stand, and the demo's follow the program", async () => {
    await bootstrap(cx, OPTIONS);
    const { version: _, ...mine } = { ...defaultPolicy(), tier: "passive" as const };
    await perform(VERBS.setPolicy, cx, system, { site: "s", policy: mine });
    await bootstrap(cx, OPTIONS);
    expect(log.view.get("t", "policy", "s")?.body).toMatchObject({ version: 2, tier: "passive" });
    await bootstrap(cx, { ...OPTIONS, policy: demoPolicy([9]), policyFollows: true });
    await bootstrap(cx, { ...OPTIONS, policy: demoPolicy([9]), policyFollows: true });
    expect(log.view.get("t", "policy", "s")?.body).toMatchObject({ version: 3, excludePorts: [9] });
  });

  it("stops when the keys are another installation's", async () => {
    await bootstrap(cx, OPTIONS);
    const others = await loadOrMakeKeys(join(folder, "others"), { mayMake: true, now });
    await expect(bootstrap({ ...cx, keys: others }, OPTIONS)).rejects.toMatchObject({
      name: "KeyError",
      code: "mismatch",
      status: 3,
    } satisfies Partial<KeyError>);
  });

  it("puts no secret and no name of a person into a document", async () => {
    const { firstLogin, apiToken } = await bootstrap(cx, OPTIONS);
    const texts =
      log.view
        .list("t", "user")
        .map((u) => JSON.stringify(u.body))
        .join() + JSON.stringify(log.view.list("t", "token"));
    for (const secret of [firstLogin?.password ?? "?", apiToken.split(".")[3] ?? "?", "argon2", "Administrator", '"admin"']) {
      expect(texts.replaceAll('"role":"admin"', "")).not.toContain(secret);
    }
  });
});

describe("permission", () => {
  const verbs: readonly [string, Verb<never, unknown>][] = Object.entries(VERBS) as never;

  it.each(verbs.filter(([, verb]) => verb.permission.at !== "self"))("%s is refused to who has no role", async (_, verb) => {
    expect(verb.name).toMatch(/^[a-z]+\.[a-z-]+$/);
    await bootstrap(cx, OPTIONS);
    // Input that would pass, so that it is the permission that refuses.
    const open = { ...verb, input: { safeParse: () => ({ success: true, data: { site: "s" } }) } } as unknown as Verb<unknown, unknown>;
    await expect(perform(open, cx, user([]), {})).rejects.toMatchObject({ code: "forbidden" });
    if (verb.permission.at === "site")
      await expect(perform(open, cx, user([{ site: "other", role: "admin" }]), {})).rejects.toMatchObject({ code: "forbidden" });
    if (verb.permission.at === "tenant")
      await expect(perform(open, cx, user([{ site: "s", role: "admin" }]), {})).rejects.toMatchObject({ code: "forbidden" });
    if (verb.permission.at === "platform")
      await expect(perform(open, cx, user([{ site: null, role: "admin" }]), {})).rejects.toMatchObject({ code: "forbidden" });
  });

  it("lets each role do what the lower ones may, at its sites", () => {
    const operator = user([{ site: "s", role: "operator" }]);
    expect([
      allows(operator, "auditor", "s"),
      allows(operator, "admin", "s"),
      allows(operator, "viewer", "x"),
      allows(operator, "viewer", null),
    ]).toEqual([true, false, false, false]);
  });

  it("never reaches into another tenant or another site", async () => {
    await bootstrap(cx, OPTIONS);
    await bootstrap(cx, { ...OPTIONS, tenant: { id: "u", name: "Other" }, site: { id: "s2", name: "S2" } });
    const { id } = await perform(VERBS.createOverrule, cx, system, { site: "s", kind: "join", a: "x", b: "y", reason: "same" });
    await expect(perform(VERBS.removeOverrule, cx, systemActor("u"), { id })).rejects.toMatchObject({ code: "not-found" });
    await expect(perform(VERBS.removeOverrule, cx, user([{ site: "x", role: "operator" }]), { id })).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(perform(VERBS.createEnrolment, cx, system, { site: "s2" })).rejects.toMatchObject({ code: "invalid", field: "site" });
  });

  it("names the field that is wrong", async () => {
    await bootstrap(cx, OPTIONS);
    const bad = { site: "s", clauses: ["5.3.3.1"], target: { site: "s" }, result: "pass", documentHash: "x", validFrom: 0, expires: 1 };
    await expect(perform(VERBS.createAttestation, cx, system, bad)).rejects.toMatchObject({ code: "invalid", field: "documentHash" });
    await expect(perform(VERBS.setMembership, cx, system, { site: "s", device: "d", membership: "in", reason: " " })).rejects.toThrow(
      "reason: say why",
    );
  });
});

describe("signing in", () => {
  it("locks a login after five failures, longer each time", async () => {
    await bootstrap(cx, OPTIONS);
    for (let n = 0; n < 5; n += 1) await expect(signIn(door, "admin", "wrong", `a${n}`)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(signIn(door, "admin", "wrong", "b")).rejects.toMatchObject({ code: "locked" });
    now += 61_000;
    await expect(signIn(door, "ADMIN", "wrong", "b")).rejects.toMatchObject({ code: "unauthenticated" });
    now += 61_000;
    await expect(signIn(door, "admin", "wrong", "b")).rejects.toMatchObject({ code: "locked" });
  });

  it("ends sessions by idleness, by age and by a change of roles", async () => {
    const { firstLogin } = await bootstrap(cx, OPTIONS);
    const enter = async () => (await signIn(door, "admin", firstLogin?.password ?? "", "a")).session;
    const idle = await enter();
    now += 3 * 3_600_000;
    expect(actorOfSession(door, idle)).toBeNull();
    const changed = await enter();
    const id = log.view.list("t", "user")[0]?.id ?? "";
    now += 1_000;
    await perform(VERBS.updateUser, cx, system, { id, grants: [{ site: "s", role: "viewer" }] });
    expect(actorOfSession(door, changed)).toBeNull();
    expect(actorOfSession(door, "made up")).toBeNull();
  });

  it("knows tokens until they are revoked or have expired", async () => {
    await bootstrap(cx, OPTIONS);
    const { id, token } = await perform(VERBS.createToken, cx, system, {
      name: "CI",
      grants: [{ site: "s", role: "viewer" }],
      expiresAt: "2026-01-02T00:00:00Z",
    });
    expect(actorOfToken(door, token)?.id).toBe(id);
    expect(actorOfToken(door, `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBeNull();
    now += 86_400_000;
    expect(actorOfToken(door, token)).toBeNull();
    now -= 1_000;
    await perform(VERBS.revokeToken, cx, system, { id });
    expect(actorOfToken(door, token)).toBeNull();
  });

  it("forgets a person for good, and keeps what they decided", async () => {
    await bootstrap(cx, OPTIONS);
    const { id } = await perform(VERBS.createUser, cx, system, {
      login: "ann",
      name: "Ann",
      password: "a long enough one",
      grants: [{ site: null, role: "operator" }],
    });
    await perform(VERBS.setName, cx, { ...user([{ site: null, role: "operator" }]), id }, { site: "s", device: "d1", name: "Gate" });
    await perform(VERBS.eraseUser, cx, system, { id });
    expect((await perform(VERBS.listUsers, cx, system, {})).find((u) => u.id === id)).toMatchObject({
      login: null,
      name: null,
      disabled: true,
    });
    await expect(signIn(door, "ann", "a long enough one", "a")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(log.view.get("t", "name", "d1")?.author).toBe(id);
  });
});

describe("passwords", () => {
  it("are argon2id, salted, and the same however they are typed", async () => {
    const hash = await hashPassword("caf\u00e9 caf\u00e9 12");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hashPassword("caf\u00e9 caf\u00e9 12")).not.toBe(hash);
    expect(await verifyPassword(hash, "cafe\u0301 cafe\u0301 12")).toBe(true);
    expect(await verifyPassword(hash, "cafe cafe 12")).toBe(false);
    expect(await verifyPassword("$argon2id$nonsense", "x")).toBe(false);
  });
});
