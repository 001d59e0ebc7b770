/** A self-signed certificate for TLS servers of tests. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export async function selfSigned(): Promise<{ key: string; cert: string; der: Buffer }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  x509.cryptoProvider.set(webcrypto as never);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=camera",
    keys: keys as never,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 1000),
    notAfter: new Date(Date.now() + 86_400_000),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  return { key, cert: certificate.toString("pem"), der: Buffer.from(certificate.rawData) };
}
