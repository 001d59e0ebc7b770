/** Who a request comes from: a password, a session or an API token. Not verbs, since nobody acts yet. */
import { openSecret, sameHash, secretHash } from "../../document/seal.ts";
import type { Actor } from "../actor.ts";
import { ServiceError } from "../service-error.ts";
import { readTokenText, tokenPlace } from "../token/text.ts";
import { findLogin } from "../user/find.ts";
import { passwordPlace } from "../user/person.ts";
import type { ServiceContext } from "../verb.ts";
import type { Lockout } from "./lockout.ts";
import { verifyPassword } from "./password.ts";
import type { Sessions } from "./sessions.ts";

export interface SignInContext extends Pick<ServiceContext, "keys" | "log" | "now"> {
  readonly sessions: Sessions;
  readonly lockout: Lockout;
}

export interface SignedIn {
  /** For the cookie. */
  readonly session: string;
  readonly actor: Actor;
  readonly mustChange: boolean;
}

/** Of no password; unknown logins cost the same time as known ones. */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** @throws ServiceError "locked" with the wait, "unauthenticated" without saying which of the two was wrong */
export async function signIn(cx: SignInContext, login: string, password: string, address: string): Promise<SignedIn> {
  const keys = [`login ${login.toLowerCase().slice(0, 64)}`, `address ${address}`];
  const wait = Math.max(...keys.map((key) => cx.lockout.wait(key)));
  if (wait > 0) throw new ServiceError("locked", `user: too many failed attempts; wait ${Math.ceil(wait / 1_000)} s`);
  const user = findLogin(cx.log.view, cx.keys, login);
  const hash = user === null ? NOBODY : openSecret(cx.keys, passwordPlace(user.tenant, user.id), user.body.password);
  const right = await verifyPassword(hash, password.slice(0, 256));
  if (!right || user === null || user.body.disabled) {
    for (const key of keys) cx.lockout.failed(key);
    throw new ServiceError("unauthenticated", "user or password: not right");
  }
  for (const key of keys) cx.lockout.succeeded(key);
  const session = cx.sessions.start(user.tenant, user.id);
  return { session, actor: { id: user.id, kind: "user", tenant: user.tenant, grants: user.body.grants }, mustChange: user.body.mustChange };
}

/** The actor of a session as the documents have it now; null: over. */
export function actorOfSession(cx: SignInContext, id: string): Actor | null {
  const session = cx.sessions.get(id);
  const user = session === null ? null : cx.log.view.get(session.tenant, "user", session.user);
  if (session === null || user === null || user.body.disabled || session.startedAt < user.body.sessionsFrom) return null;
  return { id: user.id, kind: "user", tenant: user.tenant, grants: user.body.grants };
}

/** The actor of "Authorization: Bearer …"; null: unknown, revoked or expired. */
export function actorOfToken(cx: Pick<SignInContext, "keys" | "log" | "now">, text: string): Actor | null {
  const parts = readTokenText(text);
  const token = parts === null ? null : cx.log.view.get(parts.tenant, "token", parts.id);
  if (parts === null || token === null) return null;
  const hash = openSecret(cx.keys, tokenPlace(token.tenant, token.id), token.body.hash);
  if (!sameHash(hash, secretHash(parts.secret))) return null;
  if (token.body.expiresAt !== null && token.body.expiresAt <= cx.now()) return null;
  return { id: token.id, kind: "token", tenant: token.tenant, grants: token.body.grants };
}
