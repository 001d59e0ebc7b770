/** Signs policies (Ed25519, RFC 8032): agents take rules only from who holds this key. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export function makePolicyKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

export class PolicyKey {
  readonly #key: KeyObject;
  /** SPKI, DER: what agents pin. */
  readonly publicKey: Buffer;

  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    this.publicKey = createPublicKey(this.#key).export({ format: "der", type: "spki" });
  }

  /** 64 bytes over exactly these bytes. */
  sign(bytes: Uint8Array): Buffer {
    return sign(null, bytes, this.#key);
  }
}
