/**
 * Keys and certificates of the personas, good and bad. The DER is put together here because no library of ours would
 * issue what bad devices show: RSA-1024 signed with SHA-1, or a certificate that ended years ago. RFC 5280, 4.1
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import forge from "node-forge";
import type { CertificateForm } from "./form.ts";

const { asn1 } = forge;
const { Class, Type } = asn1;

export interface Credentials {
  /** PKCS#8, PEM. */
  readonly key: string;
  /** Leaf first, PEM. */
  readonly chain: string;
}

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
  readonly chain: string;
}

const DAY_MS = 86_400_000;

const universal = (type: forge.asn1.Type, value: string) => asn1.create(Class.UNIVERSAL, type, false, value);
const sequence = (...value: forge.asn1.Asn1[]) => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, value);
const oid = (dotted: string) => universal(Type.OID, asn1.oidToDer(dotted).getBytes());

function name(commonName: string): forge.asn1.Asn1 {
  const attribute = (type: string, value: string) =>
    asn1.create(Class.UNIVERSAL, Type.SET, true, [sequence(oid(type), universal(Type.UTF8, forge.util.encodeUtf8(value)))]);
  return sequence(attribute("2.5.4.10", "Simulated site"), attribute("2.5.4.3", commonName));
}

function algorithm(key: KeyObject, digest: "sha256" | "sha1"): forge.asn1.Asn1 {
  if (key.asymmetricKeyType === "ec") return sequence(oid("1.2.840.10045.4.3.2"));
  return sequence(oid(digest === "sha1" ? "1.2.840.113549.1.1.5" : "1.2.840.113549.1.1.11"), universal(Type.NULL, ""));
}

function extension(id: string, critical: boolean, value: forge.asn1.Asn1): forge.asn1.Asn1 {
  const flag = critical ? [universal(Type.BOOLEAN, "\xff")] : [];
  return sequence(oid(id), ...flag, universal(Type.OCTETSTRING, asn1.toDer(value).getBytes()));
}

function extensions(ca: boolean, hostName: string): forge.asn1.Asn1 {
  const constraints = sequence(...(ca ? [universal(Type.BOOLEAN, "\xff")] : []));
  const list = [extension("2.5.29.19", true, constraints)];
  if (!ca) list.push(extension("2.5.29.17", false, sequence(asn1.create(Class.CONTEXT_SPECIFIC, 2 as forge.asn1.Type, false, hostName))));
  return asn1.create(Class.CONTEXT_SPECIFIC, 3 as forge.asn1.Type, true, [sequence(...list)]);
}

interface Subject {
  readonly commonName: string;
  readonly ca: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly digest: "sha256" | "sha1";
}

/** One certificate as PEM. Times have whole seconds (UTCTime). */
function issue(subject: Subject, key: KeyObject, issuer: Pick<Issuer, "name" | "key">): string {
  const signature = algorithm(issuer.key, subject.digest);
  const time = (ms: number) => universal(Type.UTCTIME, asn1.dateToUtcTime(new Date(ms)) as string);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const body = sequence(
    asn1.create(Class.CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, [universal(Type.INTEGER, "\x02")]),
    universal(Type.INTEGER, `\x01${randomBytes(15).toString("latin1")}`),
    signature,
    name(issuer.name),
    sequence(time(subject.notBefore), time(subject.notAfter)),
    name(subject.commonName),
    asn1.fromDer(publicKey.toString("latin1")),
    extensions(subject.ca, subject.commonName),
  );
  const signed = sign(subject.digest, Buffer.from(asn1.toDer(body).getBytes(), "latin1"), issuer.key);
  const whole = sequence(body, signature, universal(Type.BITSTRING, `\x00${signed.toString("latin1")}`));
  const text = Buffer.from(asn1.toDer(whole).getBytes(), "latin1").toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${(text.match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;
}

function makeKey(kind: CertificateForm["key"]): KeyObject {
  if (kind === "ec-p256") return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  return generateKeyPairSync("rsa", { modulusLength: kind === "rsa-1024" ? 1024 : 2048 }).privateKey;
}

const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }) as string;

const AUTHORITY = "Simulated site authority";

/** A CA of the site's own, which no trust store knows. */
export function makeAuthority(now: number): Credentials {
  const key = makeKey("ec-p256");
  const subject: Subject = {
    commonName: AUTHORITY,
    ca: true,
    notBefore: now - 30 * DAY_MS,
    notAfter: now + 3650 * DAY_MS,
    digest: "sha256",
  };
  return { key: pem(key), chain: issue(subject, key, { name: AUTHORITY, key }) };
}

/** @param expiresAt notAfter of the validity "scripted", ms since 1970. */
export function makeCertificate(
  form: CertificateForm,
  commonName: string,
  authority: Credentials,
  now: number,
  expiresAt: number,
): Credentials {
  const key = makeKey(form.key);
  const notAfter = { years: now + 730 * DAY_MS, expired: now - 400 * DAY_MS, scripted: expiresAt }[form.validity];
  const subject: Subject = { commonName, ca: false, notBefore: Math.min(now, notAfter) - 365 * DAY_MS, notAfter, digest: form.digest };
  if (form.issuer === "self") return { key: pem(key), chain: issue(subject, key, { name: commonName, key }) };
  const leaf = issue(subject, key, { name: AUTHORITY, key: createPrivateKey(authority.key) });
  return { key: pem(key), chain: leaf + authority.chain };
}
