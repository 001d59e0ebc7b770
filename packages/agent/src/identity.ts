/** Who this agent is: keys made here, certificates and NATS user from the centre. One file in the data folder, readable by its owner alone. */
import { webcrypto } from "node:crypto";
import "reflect-metadata";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createUser, fromSeed } from "@nats-io/nkeys";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { Identity as WireIdentity } from "@vedette/proto";
import { z } from "zod";
import { makeFolders } from "./folder.ts";
import { replaceFile } from "./replace-file.ts";

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

const StoredSchema = z.strictObject({
  format: z.literal(1),
  tenant: z.string(),
  site: z.string(),
  agent: z.string(),
  /** host:port of the centre's gRPC. */
  grpc: z.string(),
  /** DER. */
  ca: base64,
  /** DER each, leaf first. */
  certificates: z.array(base64).min(1),
  /** PKCS#8 PEM. */
  key: z.string(),
  natsUserJwt: z.string(),
  natsSeed: z.string(),
  natsUrls: z.array(z.string()).min(1),
  issuedMs: z.number(),
  expiresMs: z.number(),
  /** Ed25519, SPKI DER. */
  policyKey: base64,
});

export type StoredIdentity = Readonly<z.infer<typeof StoredSchema>>;

export class IdentityError extends Error {
  override readonly name = "IdentityError";
}

const FILE = "identity.json";
const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface Keys {
  /** PKCS#8 PEM; never leaves this machine. */
  readonly key: string;
  /** NATS user seed, "SU..."; never leaves this machine. */
  readonly natsSeed: string;
  readonly natsUserKey: string;
}

function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

export function certificatePem(base64Der: string): string {
  return toPem("CERTIFICATE", Buffer.from(base64Der, "base64"));
}

export async function makeKeys(): Promise<Keys> {
  const pair = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const user = createUser();
  return {
    key: toPem("PRIVATE KEY", new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", pair.privateKey))),
    natsSeed: new TextDecoder().decode(user.getSeed()),
    natsUserKey: user.getPublicKey(),
  };
}

/** The enrolled keys: a renewal keeps them. */
export function keysOf(identity: StoredIdentity): Keys {
  const user = fromSeed(new TextEncoder().encode(identity.natsSeed));
  return { key: identity.key, natsSeed: identity.natsSeed, natsUserKey: user.getPublicKey() };
}

async function importPair(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
  const privateKey = await webcrypto.subtle.importKey("pkcs8", der, P256, true, ["sign"]);
  const { d: _, key_ops: __, ...open } = await webcrypto.subtle.exportKey("jwk", privateKey);
  return { privateKey, publicKey: await webcrypto.subtle.importKey("jwk", open, P256, true, ["verify"]) };
}

/** PKCS#10 (RFC 2986), DER. The centre takes the name from the token, not from here. */
export async function certificateRequest(key: string): Promise<Uint8Array> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=vedette-agent",
    keys: await importPair(key),
    signingAlgorithm: P256,
  });
  return new Uint8Array(request.rawData);
}

/** What the centre answered to Enroll or Renew, as it is kept. */
export function keepIdentity(
  base: Pick<StoredIdentity, "tenant" | "site" | "agent" | "grpc" | "key" | "natsSeed">,
  told: WireIdentity,
  nowMs: number,
): StoredIdentity {
  const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const parsed = StoredSchema.safeParse({
    format: 1,
    tenant: base.tenant,
    site: base.site,
    agent: base.agent,
    grpc: base.grpc,
    key: base.key,
    natsSeed: base.natsSeed,
    ca: b64(told.ca),
    certificates: told.certificates.map(b64),
    natsUserJwt: told.natsUserJwt,
    natsUrls: told.natsUrls,
    issuedMs: nowMs,
    expiresMs: told.expiresMs,
    policyKey: b64(told.policyKey),
  });
  if (!parsed.success) throw new IdentityError(`the centre's answer lacks ${parsed.error.issues.map((i) => i.path.join(".")).join(", ")}`);
  return parsed.data;
}

/** Undefined where the agent is not enrolled. @throws IdentityError where the file is not what we wrote */
export function loadIdentity(data: string): StoredIdentity | undefined {
  const path = join(data, FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new IdentityError(`${path} is damaged: enrol this agent again with a new token`, { cause });
  }
  const parsed = StoredSchema.safeParse(json);
  if (!parsed.success)
    throw new IdentityError(
      `${path} is damaged at ${parsed.error.issues[0]?.path.join(".") ?? "its top"}: enrol this agent again with a new token`,
    );
  return parsed.data;
}

export function saveIdentity(data: string, identity: StoredIdentity): void {
  makeFolders(data, 0o700);
  const path = join(data, FILE);
  replaceFile(path, JSON.stringify(identity, null, 2));
}
