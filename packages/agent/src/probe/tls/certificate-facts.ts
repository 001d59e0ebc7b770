/** A certificate's fields as facts. Runs in the child process: what devices send has made parsers crash. */
import "reflect-metadata";
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import {
  BasicConstraintsExtension,
  X509Certificate as DecodedCertificate,
  type JsonName,
  Name,
  SubjectAlternativeNameExtension,
} from "@peculiar/x509";
import type { Posture } from "@vedette/proto";
import { outlineOf } from "./der.ts";

export type CertificateFacts = Posture<"tls.certificate">["chain"][number];

const KEY_TYPES: Readonly<Record<string, string>> = {
  rsa: "RSA",
  "rsa-pss": "RSA",
  ec: "EC",
  dsa: "DSA",
  ed25519: "Ed25519",
  ed448: "Ed448",
  x25519: "X25519",
  x448: "X448",
};
const FIXED_BITS: Readonly<Record<string, number>> = { ed25519: 256, x25519: 256, ed448: 456, x448: 448 };
const MAX_NAMES = 100;
const MAX_TEXT = 512;

/** Facts of each certificate of a chain, leaf first. Never throws. */
export function chainFacts(chain: readonly Uint8Array[]): CertificateFacts[] {
  const opened = chain.map(open);
  return chain.map((der, index) => certificateFacts(der, opened[index], opened[index + 1]));
}

interface Opened {
  readonly certificate: X509Certificate;
  readonly key: KeyObject | undefined;
}

function open(der: Uint8Array): Opened | undefined {
  const certificate = attempt(() => new X509Certificate(der));
  if (certificate === undefined) return undefined;
  return { certificate, key: attempt(() => certificate.publicKey) };
}

/** Parsers of foreign bytes throw whatever they like; that is an answer. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function certificateFacts(der: Uint8Array, own: Opened | undefined, next: Opened | undefined): CertificateFacts {
  const { outline, malformed } = outlineOf(der);
  const decoded = attempt(() => new DecodedCertificate(new Uint8Array(der)));
  const selfIssued = outline.issuer !== undefined && outline.subject !== undefined && Buffer.compare(outline.issuer, outline.subject) === 0;
  const verifies = signatureVerifies(own, selfIssued ? own : next);
  const { keyType, keyBits } = keyOf(own?.key);
  const extensions = decoded === undefined ? undefined : attempt(() => extensionsOf(decoded));
  return {
    sha256: sha256(der),
    spkiSha256: outline.spki === undefined ? "" : sha256(outline.spki),
    subject: nameText(outline.subject),
    issuer: nameText(outline.issuer),
    serialNumber: outline.serialNumber ?? "",
    ...(outline.notBefore === undefined ? {} : { notBefore: outline.notBefore }),
    ...(outline.notAfter === undefined ? {} : { notAfter: outline.notAfter }),
    keyType,
    ...(keyBits === undefined ? {} : { keyBits }),
    signatureOid: outline.signatureOid ?? "",
    selfIssued,
    ...(verifies === undefined ? {} : { signatureVerifies: verifies }),
    ca: extensions?.ca ?? false,
    names: extensions?.names ?? [],
    malformed: malformed !== "" ? malformed : faultOf(own, extensions),
  };
}

function faultOf(own: Opened | undefined, extensions: unknown): string {
  if (own === undefined) return "certificate: does not decode";
  if (own.key === undefined) return "subjectPublicKeyInfo: does not decode";
  return extensions === undefined ? "extensions: do not decode" : "";
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function keyOf(key: KeyObject | undefined): { keyType: string; keyBits?: number } {
  const type = key?.asymmetricKeyType;
  if (key === undefined || type === undefined) return { keyType: "" };
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  // Every curve that OpenSSL names bears its size: prime256v1, secp384r1, brainpoolP512r1.
  const curveBits = /\d{3}/.exec(namedCurve ?? "")?.[0];
  const keyBits = modulusLength ?? FIXED_BITS[type] ?? (curveBits === undefined ? undefined : Number(curveBits));
  return { keyType: KEY_TYPES[type] ?? type, ...(keyBits === undefined ? {} : { keyBits }) };
}

/** Undefined where the issuer is not there, or its algorithm is unknown here. */
function signatureVerifies(own: Opened | undefined, issuer: Opened | undefined): boolean | undefined {
  const key = issuer?.key;
  if (own === undefined || key === undefined) return undefined;
  return attempt(() => own.certificate.verify(key));
}

function extensionsOf(decoded: DecodedCertificate): { ca: boolean; names: string[] } {
  const constraints = decoded.getExtension(BasicConstraintsExtension);
  const alternative = decoded.getExtension(SubjectAlternativeNameExtension);
  const names = alternative?.names.toJSON().map(({ type, value }) => `${type}:${String(value)}`.slice(0, MAX_TEXT)) ?? [];
  return { ca: constraints?.ca ?? false, names: names.toSorted().slice(0, MAX_NAMES) };
}

/** RFC 4514: most specific first, special characters escaped. Empty where it does not decode. */
function nameText(der: Uint8Array | undefined): string {
  if (der === undefined) return "";
  const parts = attempt((): JsonName => new Name(new Uint8Array(der)).toJSON());
  const text = parts?.toReversed().map((relative) =>
    Object.entries(relative)
      .flatMap(([type, values]) => values.map((value) => `${type}=${escaped(value)}`))
      .join("+"),
  );
  return (text ?? []).join(",").slice(0, MAX_TEXT);
}

function escaped(value: string): string {
  return value
    .replace(/[\\",+;<>]/g, "\\$&")
    .replace(/^[ #]/, "\\$&")
    .replace(/ $/, "\\ ")
    .replace(/\0/g, "\\00");
}
