/** Our certificate authority (RFC 5280, EC P-256): agents pin it; it signs the control server and every agent. */
import "reflect-metadata";
import { createPrivateKey, X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

const EC = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const CA_DAYS = 7_300;
const SERVER_DAYS = 397;
/** Certificates begin a day early: a client judges them by a clock that may be wrong. */
const BACKDATE_MS = DAY_MS;
export const AGENT_CERTIFICATE_MS = DAY_MS;

export interface AgentIdentity {
  readonly tenant: string;
  readonly site: string;
  readonly agent: string;
}

export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Buffer;
  /** SPKI of the holder's key, DER. */
  readonly publicKey: Buffer;
  readonly serial: string;
  /** ms since 1970 */
  readonly expiresAt: number;
}

export class CsrError extends Error {
  override readonly name = "CsrError";
}

/** PKCS#8 and certificate, PEM. */
export interface AuthorityFiles {
  readonly key: string;
  readonly certificate: string;
}

export async function makeAuthority(now: number): Promise<AuthorityFiles> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Vedette control authority",
    serialNumber: serial(),
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + CA_DAYS * DAY_MS),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" });
  return { key: key.toString(), certificate: certificate.toString("pem") };
}

/** "vedette:agent:<tenant>:<site>:<agent>", the URI name in an agent's certificate. */
export function agentUri(identity: AgentIdentity): string {
  return `vedette:agent:${identity.tenant}:${identity.site}:${identity.agent}`;
}

const AGENT_URI = /^vedette:agent:([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{1,64})$/;

export function parseAgentUri(uri: string): AgentIdentity | null {
  const [, tenant, site, agent] = AGENT_URI.exec(uri) ?? [];
  return tenant !== undefined && site !== undefined && agent !== undefined ? { tenant, site, agent } : null;
}

export class Authority {
  readonly #key: webcrypto.CryptoKey;
  readonly #certificate: x509.X509Certificate;
  /** DER: what agents pin. */
  readonly certificate: Buffer;
  readonly #node: NodeCertificate;

  private constructor(key: webcrypto.CryptoKey, pem: string) {
    this.#key = key;
    this.#certificate = new x509.X509Certificate(pem);
    this.certificate = Buffer.from(this.#certificate.rawData);
    this.#node = new NodeCertificate(this.certificate);
  }

  static async load(files: AuthorityFiles): Promise<Authority> {
    const pkcs8 = createPrivateKey(files.key).export({ format: "der", type: "pkcs8" });
    const key = await webcrypto.subtle.importKey("pkcs8", pkcs8, EC, false, ["sign"]);
    return new Authority(key, files.certificate);
  }

  get pem(): string {
    return this.#certificate.toString("pem");
  }

  /** Key and certificate (PEM) of the control server; made at each start, the key never touches a disk. */
  async issueServer(
    names: readonly string[],
    now: number,
  ): Promise<{ readonly key: string; readonly certificate: string; readonly expiresAt: number }> {
    const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
    const expiresAt = now + SERVER_DAYS * DAY_MS;
    const certificate = await this.#issue(keys.publicKey, "CN=Vedette control", now, expiresAt, [
      new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name }))),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ]);
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" });
    return { key: key.toString(), certificate: certificate.toString("pem"), expiresAt };
  }

  /** Of the request (PKCS#10, RFC 2986) only its key counts; the names are ours. @throws CsrError */
  async issueAgent(csr: Uint8Array, identity: AgentIdentity, now: number): Promise<IssuedCertificate> {
    const request = await readCsr(csr);
    const expiresAt = now + AGENT_CERTIFICATE_MS;
    const key = await request.publicKey.export(EC, ["verify"]);
    const certificate = await this.#issue(key, `CN=${identity.agent}`, now, expiresAt, [
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: agentUri(identity) }]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ]);
    return {
      certificate: Buffer.from(certificate.rawData),
      publicKey: Buffer.from(request.publicKey.rawData),
      serial: certificate.serialNumber,
      expiresAt: certificate.notAfter.getTime(),
    };
  }

  /** Who a client certificate names, if we signed it and it is in force; null otherwise. */
  identify(der: Uint8Array, now: number): { readonly identity: AgentIdentity; readonly serial: string; readonly publicKey: Buffer } | null {
    let peer: NodeCertificate;
    try {
      peer = new NodeCertificate(der);
    } catch {
      return null;
    }
    if (!peer.checkIssued(this.#node) || !peer.verify(this.#node.publicKey)) return null;
    if (now < Date.parse(peer.validFrom) || now >= Date.parse(peer.validTo)) return null;
    const name = peer.subjectAltName ?? "";
    const identity = name.startsWith("URI:") ? parseAgentUri(name.slice("URI:".length)) : null;
    if (identity === null) return null;
    return { identity, serial: peer.serialNumber.toLowerCase(), publicKey: peer.publicKey.export({ format: "der", type: "spki" }) };
  }

  async #issue(
    publicKey: webcrypto.CryptoKey,
    subject: string,
    now: number,
    expiresAt: number,
    extensions: x509.Extension[],
  ): Promise<x509.X509Certificate> {
    return await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.#certificate.subject,
      serialNumber: serial(),
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(expiresAt),
      publicKey,
      signingKey: this.#key,
      signingAlgorithm: SIGNING,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate, false),
        ...extensions,
      ],
    });
  }
}

const CSR_MAX_BYTES = 4_096;

async function readCsr(der: Uint8Array): Promise<x509.Pkcs10CertificateRequest> {
  if (der.length === 0 || der.length > CSR_MAX_BYTES)
    throw new CsrError(`csr: must be a PKCS#10 request of at most ${CSR_MAX_BYTES} bytes`);
  let request: x509.Pkcs10CertificateRequest;
  let proven: boolean;
  try {
    request = new x509.Pkcs10CertificateRequest(Uint8Array.from(der));
    proven = await request.verify();
  } catch (cause) {
    throw new CsrError("csr: is not a PKCS#10 request; send its DER", { cause });
  }
  const algorithm = request.publicKey.algorithm;
  if (algorithm.name !== EC.name || !("namedCurve" in algorithm) || algorithm.namedCurve !== EC.namedCurve) {
    throw new CsrError("csr: the key must be EC P-256");
  }
  if (!proven) throw new CsrError("csr: is not signed by its own key");
  return request;
}

/** 16 random bytes, positive (RFC 5280 4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
