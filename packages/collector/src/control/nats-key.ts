/** The NATS keys of agents: each belongs to one agent for ever, and none comes back after a revocation. */

import type { Body } from "../document/kinds.ts";
import type { DocumentView } from "../document/view.ts";
import { isUserKey } from "../keys/nats.ts";
import { ControlError } from "./control-error.ts";

/** Longest life of a NATS token, and an hour for clocks. */
export const NATS_TOKEN_MS = 25 * 3_600_000;
const MAX_KEYS = 32;

type Keys = Body<"agent">["natsUserKeys"];

/** @throws ControlError "invalid" where it is no user key, or another agent's, or was revoked */
export function requireFreeKey(view: DocumentView, key: string, agent: string): void {
  if (!isUserKey(key)) throw new ControlError("invalid", 'nats_user_key: must be the public nkey of a user ("U…")');
  for (const tenant of view.tenants()) {
    const elsewhere = view
      .list(tenant, "agent")
      .some(({ id, body }) => id !== agent && body.natsUserKeys.some((known) => known.key === key));
    const revoked = view.list(tenant, "revocation").some(({ body }) => body.natsUserKeys.includes(key));
    if (elsewhere || revoked) throw new ControlError("invalid", "nats_user_key: was used before; make a new one");
  }
}

/** The list with `key` in front; what has been replaced for longer than a token lives is left out. @throws ControlError "too-many" */
export function withKey(keys: Keys, key: string, now: number): Keys {
  if (keys[0]?.key === key) return keys;
  const older = keys
    .filter((known) => known.key !== key && (known.replacedAt === null || known.replacedAt > now - NATS_TOKEN_MS))
    .map((known) => ({ key: known.key, replacedAt: known.replacedAt ?? now }));
  if (older.length >= MAX_KEYS)
    throw new ControlError("too-many", `nats_user_key: more than ${MAX_KEYS} new keys in a day; wait or keep one`);
  return [{ key, replacedAt: null }, ...older];
}
