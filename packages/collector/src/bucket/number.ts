/** Which bucket derives a site. The number of buckets is fixed at the first start. */
import { createHash } from "node:crypto";

export const DEFAULT_BUCKETS = 64;

/** First 4 bytes of SHA-256(tenant, 0x00, site), big-endian, modulo the number of buckets. */
export function bucketOf(tenant: string, site: string, buckets: number): number {
  const digest = createHash("sha256").update(tenant).update("\0").update(site).digest();
  return digest.readUInt32BE(0) % buckets;
}
