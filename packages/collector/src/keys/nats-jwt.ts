/** What each NATS identity may do (operator mode of nats-server): the whole authorisation of the bus stands here. */
import { type Account, encodeAccount, encodeOperator, encodeUser, type OperatorLimits, type RevocationList, type User } from "@nats-io/jwt";
import { createUser, type KeyPair } from "@nats-io/nkeys";
import { inboxPrefix, observationSubject, receiptSubject } from "@vedette/proto";
import type { AgentIdentity } from "./authority.ts";

const UNLIMITED: OperatorLimits = {
  data: -1,
  payload: -1,
  subs: -1,
  conn: -1,
  leaf: 0,
  imports: -1,
  exports: -1,
  wildcards: true,
  disallow_bearer: true,
};

/** Unlimited disk: the streams of an account carry their own byte limits, and a limit here would be reserved on the disk at once. */
const STREAMS: OperatorLimits = { disk_storage: -1, mem_storage: 0, streams: 16, consumer: 1_024 };

/** Above one batch (256 KiB) and its headers. */
const AGENT_PAYLOAD_BYTES = 320 * 1_024;
const AGENT_SUBSCRIPTIONS = 16;

/** An account: its identity and the key that signs its users. */
export interface AccountKeys {
  readonly identity: KeyPair;
  readonly signing: KeyPair;
}

/** JWT and seed of one user, for jwtAuthenticator. The seed lives in this process only. */
export interface NatsUser {
  readonly jwt: string;
  readonly seed: Uint8Array;
}

export async function operatorJwt(operator: KeyPair, systemAccount: string): Promise<string> {
  return await encodeOperator("vedette", operator, { system_account: systemAccount });
}

export async function systemAccountJwt(operator: KeyPair, keys: AccountKeys): Promise<string> {
  return await encodeAccount(
    "SYS",
    keys.identity,
    { limits: UNLIMITED, signing_keys: [keys.signing.getPublicKey()] },
    { signer: operator },
  );
}

/** Account with streams: CENTRE or a tenant's. `revocations`: user key -> seconds since 1970; tokens issued until then are void. */
export async function streamAccountJwt(operator: KeyPair, keys: AccountKeys, name: string, revocations: RevocationList): Promise<string> {
  const account: Partial<Account> = {
    limits: { ...UNLIMITED, ...STREAMS },
    signing_keys: [keys.signing.getPublicKey()],
    revocations,
  };
  return await encodeAccount(name, keys.identity, account, { signer: operator });
}

/** A collector's own user: everything inside its account. */
export async function collectorUser(keys: AccountKeys, name: string): Promise<NatsUser> {
  const user = createUser();
  const jwt = await encodeUser(name, user, keys.identity, { subs: -1, data: -1, payload: -1 }, { signer: keys.signing });
  return { jwt, seed: user.getSeed() };
}

/** An agent publishes its observations and hears its receipts and its inbox, where the broker's acknowledgements arrive; nothing else. */
export function agentPermissions(identity: AgentIdentity): Partial<User> {
  return {
    pub: { allow: [observationSubject(identity)] },
    sub: { allow: [receiptSubject(identity), `${inboxPrefix(identity.agent)}.>`] },
    subs: AGENT_SUBSCRIPTIONS,
    payload: AGENT_PAYLOAD_BYTES,
    data: -1,
    allowed_connection_types: ["STANDARD"],
  };
}

/** `userKey`: the agent's public nkey. `expiresAt`: ms, the end of its certificate. */
export async function agentUserJwt(keys: AccountKeys, identity: AgentIdentity, userKey: string, expiresAt: number): Promise<string> {
  const exp = Math.floor(expiresAt / 1_000);
  return await encodeUser(`agent ${identity.agent}`, userKey, keys.identity, agentPermissions(identity), { signer: keys.signing, exp });
}
