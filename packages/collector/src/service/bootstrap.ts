/** The documents that a first start makes, and that every later start finds: asking again changes nothing. */
import { randomBytes } from "node:crypto";
import { canonicalJson } from "../document/canonical.ts";
import type { Body, PolicyBody } from "../document/kinds.ts";
import { openSecret, sealSecret } from "../document/seal.ts";
import { readFirstLogin, writeFirstLogin } from "../keys/first-login.ts";
import { keyPath, readKeyFile, writeKeyFile } from "../keys/folder.ts";
import { KeyError } from "../keys/key-error.ts";
import { SealError } from "../keys/sealing.ts";
import { type Actor, systemActor } from "./actor.ts";
import { createEnrolment, type NewEnrolment } from "./enrolment/create.ts";
import { actorOfToken } from "./session/sign-in.ts";
import { createSite } from "./site/create.ts";
import { createTenant } from "./tenant/create.ts";
import { createToken } from "./token/create.ts";
import { createUser } from "./user/create.ts";
import { findLogin } from "./user/find.ts";
import { PLATFORM, perform, type ServiceContext } from "./verb.ts";

export type ProfileSeed = Omit<Body<"profile">, "from"> & { readonly id: string };

export interface BootstrapOptions {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly site: { readonly id: string; readonly name: string };
  readonly policy: PolicyBody;
  /** True: the policy is the program's own and follows `policy` at every start (the demo's); false: people may change it. */
  readonly policyFollows: boolean;
  readonly profiles: readonly ProfileSeed[];
}

export interface Bootstrapped {
  /** The first login while its password has not been changed; null afterwards. */
  readonly firstLogin: { readonly user: string; readonly password: string } | null;
  /** True at the start that made it: print the password then. */
  readonly firstStart: boolean;
  /** The local API token, the same at every start. */
  readonly apiToken: string;
}

const KEY_CHECK = { tenant: PLATFORM, kind: "tenant", id: PLATFORM, field: "keyCheck" };
const TOKEN_FILE = "local-token";

/** @throws KeyError "mismatch" where the documents were sealed by other keys */
export async function bootstrap(cx: ServiceContext, options: BootstrapOptions): Promise<Bootstrapped> {
  const actor = systemActor(options.tenant.id);
  await platform(cx);
  if (cx.log.view.get(actor.tenant, "tenant", actor.tenant) === null) await perform(createTenant, cx, actor, options.tenant);
  await cx.keys.nats.ensureTenant(actor.tenant);
  if (cx.log.view.get(actor.tenant, "site", options.site.id) === null) await perform(createSite, cx, actor, options.site);
  await policy(cx, actor, options);
  for (const { id, ...body } of options.profiles) {
    await cx.log.append(actor.tenant, actor.id, (view) =>
      view.get(actor.tenant, "profile", id) === null ? { kind: "profile", id, body: { ...body, from: cx.now() } } : null,
    );
  }
  const firstStart = await administrator(cx, actor);
  return { firstLogin: await readFirstLogin(cx.keys.folder), firstStart, apiToken: await localToken(cx, actor) };
}

/** A token for the agent on this machine; it enrols as any other does. */
export async function localEnrolment(cx: ServiceContext, tenant: string, site: string): Promise<NewEnrolment> {
  return await perform(createEnrolment, cx, systemActor(tenant), { site });
}

/** The platform's own document proves at every start that these keys belong to these documents. */
async function platform(cx: ServiceContext): Promise<void> {
  await cx.log.append(PLATFORM, "system", (view) =>
    view.get(PLATFORM, "tenant", PLATFORM) === null
      ? { kind: "tenant", id: PLATFORM, body: { name: "Platform", keyCheck: sealSecret(cx.keys, KEY_CHECK, "vedette") } }
      : null,
  );
  const kept = cx.log.view.get(PLATFORM, "tenant", PLATFORM)?.body.keyCheck;
  try {
    if (kept !== undefined) openSecret(cx.keys, KEY_CHECK, kept);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new KeyError(
      "mismatch",
      cx.keys.folder,
      `keys: ${cx.keys.folder} belongs to other documents; restore its own from the backup`,
      cause,
    );
  }
}

async function policy(cx: ServiceContext, actor: Actor, options: BootstrapOptions): Promise<void> {
  await cx.log.append(actor.tenant, actor.id, (view) => {
    const before = view.get(actor.tenant, "policy", options.site.id);
    // Site creation has put the default there: until a person changes it, it is the program's.
    const ours = before === null || options.policyFollows || (before.author === "system" && before.body.version === 1);
    const version = (before?.body.version ?? 0) + 1;
    if (!ours || (before !== null && canonicalJson(before.body) === canonicalJson({ ...options.policy, version: before.body.version })))
      return null;
    return { kind: "policy", id: options.site.id, body: { ...options.policy, version } };
  });
}

/** The password is on disk before the user is in the documents: a crash between leaves a file that the next start uses. */
async function administrator(cx: ServiceContext, actor: Actor): Promise<boolean> {
  if (findLogin(cx.log.view, cx.keys, "admin") !== null || cx.log.view.list(actor.tenant, "user").length > 0) return false;
  const login = (await readFirstLogin(cx.keys.folder)) ?? { user: "admin", password: randomBytes(15).toString("base64url") };
  await writeFirstLogin(cx.keys.folder, login);
  const grants = [{ site: null, role: "admin" }];
  await perform(createUser, cx, actor, { login: login.user, name: "Administrator", password: login.password, grants, mustChange: true });
  return true;
}

async function localToken(cx: ServiceContext, actor: Actor): Promise<string> {
  const path = keyPath(cx.keys.folder, TOKEN_FILE);
  const kept = (await readKeyFile(path))?.toString("utf8").trim();
  if (kept !== undefined && actorOfToken(cx, kept)?.tenant === actor.tenant) return kept;
  const { token } = await perform(createToken, cx, actor, {
    name: "Local command line",
    grants: [{ site: null, role: "admin" }],
    expiresAt: null,
  });
  await writeKeyFile(path, `${token}\n`);
  return token;
}
