/** What an agent signs to renew without a client certificate: the nonce bound to the keys it asks for, so that nobody can put his own in. */

const DOMAIN = "vedette renewal 1";

/** Domain, then each part behind its length (32-bit, big-endian). Sign with the enrolled key: ECDSA, SHA-256, DER. */
export function renewalBytes(request: { readonly nonce: Uint8Array; readonly csr: Uint8Array; readonly natsUserKey: string }): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(DOMAIN), request.nonce, request.csr, encoder.encode(request.natsUserKey)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** What an enrolment token says: "vdt1." + base64url of its JSON. */
export interface EnrolmentToken {
  /** "host:port" of the control server. */
  readonly grpc: string;
  /** Our CA, DER, base64: the agent trusts exactly this one. */
  readonly ca: string;
  /** base64url */
  readonly secret: string;
}
