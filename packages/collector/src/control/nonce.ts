/** Nonces for Renew: bound to an agent and a time by a key of the collectors, so that any replica can check what another gave out. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const LIFETIME_MS = 2 * 60_000;
const RANDOM_BYTES = 16;
const TIME_BYTES = 8;
const MAC_BYTES = 32;
export const NONCE_BYTES = TIME_BYTES + RANDOM_BYTES + MAC_BYTES;

export class Nonces {
  readonly #key: Uint8Array;
  readonly #now: () => number;

  /** `key`: 32 bytes that every collector of the installation holds. */
  constructor(key: Uint8Array, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  issue(agent: string): Buffer {
    const head = Buffer.alloc(TIME_BYTES + RANDOM_BYTES);
    head.writeDoubleBE(this.#now(), 0);
    randomBytes(RANDOM_BYTES).copy(head, TIME_BYTES);
    return Buffer.concat([head, this.#mac(agent, head)]);
  }

  valid(agent: string, nonce: Uint8Array): boolean {
    if (nonce.length !== NONCE_BYTES) return false;
    const bytes = Buffer.from(nonce);
    const head = bytes.subarray(0, TIME_BYTES + RANDOM_BYTES);
    if (!timingSafeEqual(bytes.subarray(head.length), this.#mac(agent, head))) return false;
    const age = this.#now() - head.readDoubleBE(0);
    return age >= -LIFETIME_MS && age <= LIFETIME_MS;
  }

  #mac(agent: string, head: Uint8Array): Buffer {
    return createHmac("sha256", this.#key).update(head).update(agent, "utf8").digest();
  }
}
