/** The key folder as a whole: made at the first start, demanded at every later one (docs/keys-and-secrets.md). */
import { randomBytes } from "node:crypto";
import { Authority, makeAuthority } from "./authority.ts";
import { ensureKeyFolder, keyPath, listKeyFiles, readKeyFile, writeKeyFile } from "./folder.ts";
import { KeyError } from "./key-error.ts";
import { NatsKeys } from "./nats.ts";
import { PersonKeys } from "./person.ts";
import { makePolicyKey, PolicyKey } from "./policy-key.ts";
import { SEAL_KEY_BYTES, SealingKey } from "./sealing.ts";

export interface Keys {
  /** The key folder itself. */
  readonly folder: string;
  readonly authority: Authority;
  readonly sealing: SealingKey;
  readonly policy: PolicyKey;
  readonly nats: NatsKeys;
  readonly persons: PersonKeys;
}

export interface LoadOptions {
  /** False once documents stand: then a missing key is an error and nothing is made. */
  readonly mayMake: boolean;
  /** ms since 1970 */
  readonly now: number;
}

const MADE = "made.json";

/**
 * Loads the keys of `folder`, or makes them where this is the first start.
 * @throws KeyError with status 3: missing, permission, unreadable
 */
export async function loadOrMakeKeys(folder: string, options: LoadOptions): Promise<Keys> {
  await ensureKeyFolder(folder);
  // The marker is written last: with it, everything was there once, and what is missing now was lost.
  const mayMake = options.mayMake && (await readKeyFile(keyPath(folder, MADE))) === null;
  const keys: Keys = {
    folder,
    authority: await loadAuthority(folder, mayMake, options.now),
    sealing: await loadSealing(keyPath(folder, "sealing"), mayMake),
    policy: await loadPolicy(keyPath(folder, "policy.pem"), mayMake),
    nats: await NatsKeys.load(keyPath(folder, "nats"), mayMake),
    persons: await PersonKeys.load(keyPath(folder, "person")),
  };
  if (mayMake) await writeKeyFile(keyPath(folder, MADE), `${JSON.stringify({ version: 1, at: new Date(options.now).toISOString() })}\n`);
  return keys;
}

function missing(path: string): KeyError {
  return new KeyError("missing", path, `keys: ${path} is missing, but documents stand; restore the key folder from its backup`);
}

async function loadAuthority(folder: string, mayMake: boolean, now: number): Promise<Authority> {
  const keyFile = keyPath(folder, "authority.key.pem");
  const certificateFile = keyPath(folder, "authority.pem");
  const key = await readKeyFile(keyFile);
  const certificate = await readKeyFile(certificateFile);
  if (key !== null && certificate !== null) {
    try {
      return await Authority.load({ key: key.toString("utf8"), certificate: certificate.toString("utf8") });
    } catch (cause) {
      throw new KeyError("unreadable", keyFile, `keys: ${keyFile} or ${certificateFile} is damaged; restore both from the backup`, cause);
    }
  }
  if (!mayMake) throw missing(key === null ? keyFile : certificateFile);
  const made = await makeAuthority(now);
  await writeKeyFile(keyFile, made.key);
  await writeKeyFile(certificateFile, made.certificate);
  return await Authority.load(made);
}

async function loadSealing(folder: string, mayMake: boolean): Promise<SealingKey> {
  const keys = new Map<number, Uint8Array>();
  for (const name of await listKeyFiles(folder)) {
    const path = keyPath(folder, name);
    const version = Number(/^(\d{1,6})\.key$/.exec(name)?.[1] ?? Number.NaN);
    const key = await readKeyFile(path);
    if (!Number.isSafeInteger(version) || key?.length !== SEAL_KEY_BYTES) {
      throw new KeyError("unreadable", path, `keys: ${path} is not a sealing key of ours; restore it from the backup`);
    }
    keys.set(version, key);
  }
  if (keys.size === 0) {
    const first = keyPath(folder, "1.key");
    if (!mayMake) throw missing(first);
    const made = randomBytes(SEAL_KEY_BYTES);
    await writeKeyFile(first, made);
    keys.set(1, made);
  }
  return new SealingKey(keys);
}

async function loadPolicy(path: string, mayMake: boolean): Promise<PolicyKey> {
  const kept = await readKeyFile(path);
  if (kept === null && !mayMake) throw missing(path);
  const pem = kept?.toString("utf8") ?? makePolicyKey();
  if (kept === null) await writeKeyFile(path, pem);
  try {
    return new PolicyKey(pem);
  } catch (cause) {
    throw new KeyError("unreadable", path, `keys: ${path} is not a private key; restore it from the backup`, cause);
  }
}
