/** Server-side TLS settings of a form, for node:tls. */
import { getDiffieHellman } from "node:crypto";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import forge from "node-forge";
import type { Credentials } from "../certificate.ts";
import type { TlsForm } from "../form.ts";

/** PKCS#3 parameters of the 1024-bit group of RFC 2409, 6.2: what weak devices have burnt in. */
function weakParameters(): string {
  const { asn1 } = forge;
  const integer = (bytes: Buffer) => {
    const head = (bytes[0] ?? 0) >= 0x80 ? "\0" : "";
    return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.INTEGER, false, head + bytes.toString("latin1"));
  };
  const group = getDiffieHellman("modp2");
  const body = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [integer(group.getPrime()), integer(group.getGenerator())]);
  const text = Buffer.from(asn1.toDer(body).getBytes(), "latin1").toString("base64");
  return `-----BEGIN DH PARAMETERS-----\n${(text.match(/.{1,64}/g) ?? []).join("\n")}\n-----END DH PARAMETERS-----\n`;
}

export function serverTls(form: TlsForm, credentials: Credentials): TlsOptions & SecureContextOptions {
  return {
    key: credentials.key,
    cert: credentials.chain,
    minVersion: form.minVersion,
    maxVersion: form.maxVersion,
    honorCipherOrder: true,
    handshakeTimeout: 10_000,
    ...(form.ciphers === undefined ? {} : { ciphers: form.ciphers }),
    ...(form.weakDh ? { dhparam: weakParameters() } : {}),
  };
}
