/** The outer structure of a certificate, read by hand: what of it can be decoded stays known when the rest cannot (X.690, RFC 5280 4.1). */
import { Reader, WireError } from "./reader.ts";

const SEQUENCE = 0x30;
const OID = 0x06;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

export interface CertificateOutline {
  /** Lower-case hex of the INTEGER's content. */
  serialNumber: string;
  /** Dotted. */
  signatureOid: string;
  issuer: Uint8Array;
  subject: Uint8Array;
  /** RFC 3339 UTC; absent where the text is no date. */
  notBefore?: string;
  notAfter?: string;
  /** SubjectPublicKeyInfo. */
  spki: Uint8Array;
}

/** What could be read until the encoding broke, and where it did: "" for nowhere. Never throws. */
export function outlineOf(der: Uint8Array): { readonly outline: Partial<CertificateOutline>; readonly malformed: string } {
  const outline: Partial<CertificateOutline> = {};
  let step = "Certificate";
  try {
    const outer = new Reader(der);
    const certificate = new Reader(element(outer, SEQUENCE).content);
    if (outer.left > 0) throw new WireError("bytes after the certificate");
    step = "tbsCertificate";
    const tbs = new Reader(element(certificate, SEQUENCE).content);
    step = "serialNumber";
    let first = element(tbs);
    if (first.tag === 0xa0) first = element(tbs);
    outline.serialNumber = Buffer.from(first.content).toString("hex");
    step = "signature";
    outline.signatureOid = oidText(element(new Reader(element(tbs, SEQUENCE).content), OID).content);
    step = "issuer";
    outline.issuer = element(tbs, SEQUENCE).whole;
    step = "validity";
    const validity = new Reader(element(tbs, SEQUENCE).content);
    const dates = { notBefore: timeText(element(validity)), notAfter: timeText(element(validity)) };
    if (dates.notBefore !== undefined) outline.notBefore = dates.notBefore;
    if (dates.notAfter !== undefined) outline.notAfter = dates.notAfter;
    step = "subject";
    outline.subject = element(tbs, SEQUENCE).whole;
    step = "subjectPublicKeyInfo";
    outline.spki = element(tbs, SEQUENCE).whole;
    step = "signatureAlgorithm";
    const outerOid = oidText(element(new Reader(element(certificate, SEQUENCE).content), OID).content);
    if (outerOid !== outline.signatureOid) throw new WireError("differs from the signed one");
    if (dates.notBefore === undefined || dates.notAfter === undefined) return { outline, malformed: "validity: not a date" };
    return { outline, malformed: "" };
  } catch (error) {
    if (error instanceof WireError) return { outline, malformed: `${step}: ${error.message}` };
    throw error;
  }
}

/** @throws WireError */
function element(reader: Reader, wanted?: number): Element {
  const tag = reader.uint(1);
  if (wanted !== undefined && tag !== wanted) throw new WireError(`tag ${tag} where ${wanted} belongs`);
  if ((tag & 0x1f) === 0x1f) throw new WireError("tag of more than one byte");
  const first = reader.uint(1);
  const header = [tag, first];
  let length = first;
  if (first === 0x80 || first > 0x84) throw new WireError("length is indefinite or too long");
  if (first > 0x80) {
    const bytes = reader.take(first - 0x80);
    header.push(...bytes);
    length = bytes.reduce((value, byte) => value * 256 + byte, 0);
  }
  const content = reader.take(length);
  return { tag, content, whole: Buffer.concat([Buffer.from(header), content]) };
}

/** X.690, 8.19. @throws WireError */
export function oidText(content: Uint8Array): string {
  const parts: bigint[] = [];
  let value = 0n;
  if (content.length === 0 || content.length > 64 || ((content.at(-1) ?? 0) & 0x80) !== 0) throw new WireError("not an object identifier");
  for (const byte of content) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (parts.length === 0) {
      const top = value < 80n ? value / 40n : 2n;
      parts.push(top, value - top * 40n);
    } else parts.push(value);
    value = 0n;
  }
  return parts.join(".");
}

/** UTCTime with 50 as the turn of the century, or GeneralizedTime (RFC 5280, 4.1.2.5); undefined where it is no date. */
function timeText({ tag, content }: Element): string | undefined {
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return undefined;
  const text = Buffer.from(content).toString("latin1");
  const digits =
    tag === UTC_TIME ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(text) : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (digits === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.slice(1).map((part) => Number(part ?? "0"));
  const full = tag === UTC_TIME ? year + (year < 50 ? 2000 : 1900) : year;
  const date = new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A date that rolls over (30 February) was none.
  if (
    Number.isNaN(date.getTime()) ||
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return undefined;
  return date.toISOString().replace(".000Z", "Z");
}
