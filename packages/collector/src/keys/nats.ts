/** Operator, system account, CENTRE and one account per tenant: their seeds in the key folder, their JWTs made from them. */
import { type Account, decode } from "@nats-io/jwt";
import { createAccount, createOperator, fromPublic, fromSeed, type KeyPair } from "@nats-io/nkeys";
import { isToken } from "@vedette/proto";
import type { AgentIdentity } from "./authority.ts";
import { keyPath, listKeyFiles, readKeyFile, writeKeyFile } from "./folder.ts";
import { KeyError } from "./key-error.ts";
import {
  type AccountKeys,
  agentUserJwt,
  collectorUser,
  type NatsUser,
  operatorJwt,
  streamAccountJwt,
  systemAccountJwt,
} from "./nats-jwt.ts";

/** What nats-server is configured with. */
export interface NatsTrust {
  readonly operatorJwt: string;
  /** Public key of the system account. */
  readonly systemAccount: string;
  /** For resolver_preload: every account known here, with the revocations it had last. */
  readonly accounts: readonly AccountClaim[];
}

/** Public user key -> seconds since 1970: its tokens issued until then are void. */
export type Revocations = Record<string, number>;

export interface AccountClaim {
  readonly publicKey: string;
  readonly jwt: string;
}

const CENTRE = "centre";

export class NatsKeys {
  readonly #folder: string;
  readonly #operator: KeyPair;
  readonly #system: AccountKeys;
  readonly #centre: AccountKeys;
  readonly #tenants: Map<string, AccountKeys>;

  private constructor(folder: string, operator: KeyPair, system: AccountKeys, centre: AccountKeys, tenants: Map<string, AccountKeys>) {
    this.#folder = folder;
    this.#operator = operator;
    this.#system = system;
    this.#centre = centre;
    this.#tenants = tenants;
  }

  /** @throws KeyError "missing" where a seed is not there and may not be made. */
  static async load(folder: string, mayMake: boolean): Promise<NatsKeys> {
    const operator = await seedAt(keyPath(folder, "operator.seed"), createOperator, mayMake);
    const system = await accountAt(keyPath(folder, "system"), mayMake);
    const centre = await accountAt(keyPath(folder, CENTRE), mayMake);
    const tenants = new Map<string, AccountKeys>();
    const found = await listKeyFiles(keyPath(folder, "tenant"));
    for (const tenant of found.filter((name) => name.endsWith(".seed")).map((name) => name.slice(0, -".seed".length))) {
      tenants.set(tenant, await accountAt(keyPath(folder, "tenant", tenant), mayMake));
    }
    return new NatsKeys(folder, operator, system, centre, tenants);
  }

  get tenants(): readonly string[] {
    return [...this.#tenants.keys()].sort();
  }

  /** Keys of a tenant's account, made where there are none. The resolver learns the account from `accountClaim`. */
  async ensureTenant(tenant: string): Promise<void> {
    if (this.#tenants.has(tenant)) return;
    if (!isToken(tenant)) throw new RangeError("tenant must be an id of ours");
    this.#tenants.set(tenant, await accountAt(keyPath(this.#folder, "tenant", tenant), true));
  }

  async trust(): Promise<NatsTrust> {
    const systemAccount = this.#system.identity.getPublicKey();
    const accounts: AccountClaim[] = [
      { publicKey: systemAccount, jwt: await systemAccountJwt(this.#operator, this.#system) },
      await this.#claim(CENTRE, "CENTRE", this.#centre, null),
    ];
    for (const tenant of this.tenants) accounts.push(await this.accountClaim(tenant));
    return { operatorJwt: await operatorJwt(this.#operator, systemAccount), systemAccount, accounts };
  }

  /**
   * The tenant's account as the resolver should know it. With `revocations` they replace the earlier ones;
   * the result is kept beside the seeds, so that a server that starts before the documents are read still refuses who was revoked.
   */
  async accountClaim(tenant: string, revocations: Revocations | null = null): Promise<AccountClaim> {
    return await this.#claim(`tenant-${tenant}`, tenant, this.#tenant(tenant), revocations);
  }

  async systemUser(name: string): Promise<NatsUser> {
    return await collectorUser(this.#system, name);
  }

  async centreUser(name: string): Promise<NatsUser> {
    return await collectorUser(this.#centre, name);
  }

  async tenantUser(tenant: string, name: string): Promise<NatsUser> {
    return await collectorUser(this.#tenant(tenant), name);
  }

  async agentUser(identity: AgentIdentity, userKey: string, expiresAt: number): Promise<string> {
    return await agentUserJwt(this.#tenant(identity.tenant), identity, userKey, expiresAt);
  }

  #tenant(tenant: string): AccountKeys {
    const keys = this.#tenants.get(tenant);
    if (keys === undefined) throw new RangeError(`tenant ${tenant} has no account yet`);
    return keys;
  }

  async #claim(file: string, name: string, keys: AccountKeys, revocations: Revocations | null): Promise<AccountClaim> {
    const path = keyPath(this.#folder, "claim", `${file}.jwt`);
    const kept = (await readKeyFile(path))?.toString("utf8") ?? null;
    const publicKey = keys.identity.getPublicKey();
    const before = kept === null ? null : revocationsOf(kept, publicKey);
    if (kept !== null && before !== null && (revocations === null || sameRevocations(before, revocations))) return { publicKey, jwt: kept };
    const jwt = await streamAccountJwt(this.#operator, keys, name, revocations ?? before ?? {});
    await writeKeyFile(path, jwt);
    return { publicKey, jwt };
  }
}

/** True for the public nkey of a user ("U..."). */
export function isUserKey(key: string): boolean {
  if (key.length !== 56 || !key.startsWith("U")) return false;
  try {
    fromPublic(key);
    return true;
  } catch {
    return false;
  }
}

/** null: not a claim of this account, so it is made anew. */
function revocationsOf(jwt: string, publicKey: string): Revocations | null {
  try {
    const claim = decode<Account>(jwt);
    return claim.sub === publicKey ? (claim.nats.revocations ?? {}) : null;
  } catch {
    return null;
  }
}

function sameRevocations(a: Revocations, b: Revocations): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

async function accountAt(path: string, mayMake: boolean): Promise<AccountKeys> {
  // The identity last: an account is there when its identity is.
  const signing = await seedAt(`${path}.signing`, createAccount, mayMake);
  return { identity: await seedAt(`${path}.seed`, createAccount, mayMake), signing };
}

async function seedAt(path: string, make: () => KeyPair, mayMake: boolean): Promise<KeyPair> {
  const seed = await readKeyFile(path);
  if (seed === null) {
    if (!mayMake)
      throw new KeyError("missing", path, `keys: ${path} is missing, but documents stand; restore the key folder from its backup`);
    const made = make();
    await writeKeyFile(path, made.getSeed());
    return made;
  }
  try {
    return fromSeed(seed);
  } catch (cause) {
    throw new KeyError("unreadable", path, `keys: ${path} is not a NATS seed; restore it from the backup`, cause);
  }
}
