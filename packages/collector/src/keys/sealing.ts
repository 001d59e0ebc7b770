/** Seals secret fields before they are stored: AES-256-GCM (NIST SP 800-38D), 96-bit random nonce, versioned keys. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

export const SEAL_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type SealFault = "malformed" | "no-such-key" | "not-authentic";

export class SealError extends Error {
  override readonly name = "SealError";
  readonly fault: SealFault;

  constructor(fault: SealFault) {
    super(`sealed field cannot be opened: ${fault}`);
    this.fault = fault;
  }
}

/** nonce, ciphertext, tag. `context` is authenticated, not stored: a sealed field moved to another place does not open. */
export function sealBytes(key: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(context, "utf8"));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws SealError */
export function openBytes(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new SealError("malformed");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context, "utf8"));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SealError("not-authentic");
  }
}

/** The collectors' key, in versions: the newest seals, every one opens. Text form "s<version>.<base64url>". */
export class SealingKey {
  readonly #keys: ReadonlyMap<number, Uint8Array>;
  readonly #newest: number;

  constructor(keys: ReadonlyMap<number, Uint8Array>) {
    if (keys.size === 0) throw new RangeError("a sealing key needs at least one version");
    this.#keys = keys;
    this.#newest = Math.max(...keys.keys());
  }

  seal(plain: string, context: string): string {
    const key = this.#key(this.#newest);
    return `s${this.#newest}.${sealBytes(key, Buffer.from(plain, "utf8"), context).toString("base64url")}`;
  }

  /** @throws SealError */
  open(sealed: string, context: string): string {
    const match = /^s(\d{1,6})\.([A-Za-z0-9_-]{1,100000})$/.exec(sealed);
    if (match?.[1] === undefined || match[2] === undefined) throw new SealError("malformed");
    return openBytes(this.#key(Number(match[1])), Buffer.from(match[2], "base64url"), context).toString("utf8");
  }

  /** A key of its own for another purpose (HKDF, RFC 5869), the same in every collector of the installation. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#key(this.#newest), new Uint8Array(), purpose, SEAL_KEY_BYTES));
  }

  #key(version: number): Uint8Array {
    const key = this.#keys.get(version);
    if (key === undefined) throw new SealError("no-such-key");
    return key;
  }
}
