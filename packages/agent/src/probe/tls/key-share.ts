/** Key shares for servers that cannot ask for a group. The keys are thrown away: no handshake is completed with them. */
import { createECDH, generateKeyPairSync } from "node:crypto";

const X25519 = 29;
const SECP256R1 = 23;

export function freshKeyShares(): { readonly group: number; readonly key: Uint8Array }[] {
  const { publicKey } = generateKeyPairSync("x25519");
  // The key is the last 32 bytes of its SubjectPublicKeyInfo (RFC 8410, 4).
  const x25519 = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const p256 = createECDH("prime256v1");
  return [
    { group: X25519, key: x25519 },
    { group: SECP256R1, key: p256.generateKeys() },
  ];
}
