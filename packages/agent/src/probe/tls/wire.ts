/** What servers send before encryption begins: records, alerts and the handshake messages up to ServerHelloDone (RFC 8446, RFC 5246). */
import { concat, Reader, WireError } from "./reader.ts";

export const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22 } as const;
export const HANDSHAKE = { serverHello: 2, certificate: 11, serverKeyExchange: 12, certificateRequest: 13, serverHelloDone: 14 } as const;
export const EXTENSION = {
  serverName: 0,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  padding: 21,
  supportedVersions: 43,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;
export const ALERT = { protocolVersion: 70, unrecognizedName: 112, noApplicationProtocol: 120 } as const;

/** SHA-256 of "HelloRetryRequest": the random that marks one (RFC 8446, 4.1.3). */
const RETRY_RANDOM = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");

const MAX_RECORD = 16_384 + 2_048;
/** Chains of real devices stay below 16 KiB; no message of a handshake needs more than this. */
const MAX_MESSAGE = 131_072;
const MAX_CERTIFICATES = 32;

export interface RecordHeader {
  readonly type: number;
  readonly version: number;
  readonly body: Uint8Array;
}

export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

export interface ServerHello {
  readonly version: number;
  readonly suite: number;
  readonly compression: number;
  readonly random: Uint8Array;
  /** A HelloRetryRequest: it names suite and group, and no key was needed. */
  readonly retry: boolean;
  /** Group of a key share, or the one a HelloRetryRequest asks for. */
  readonly group?: number;
  readonly secureRenegotiation: boolean;
}

export interface KeyExchange {
  readonly group?: number;
  /** Size of the finite-field prime. */
  readonly dhBits?: number;
}

export type ServerRecord =
  | { readonly kind: "alert"; readonly level: number; readonly code: number }
  | { readonly kind: "message"; readonly message: Message };

/** Splits a byte stream into records, joins fragments into handshake messages. Holds at most one record and one message. */
export class FlightDecoder {
  #pending: Uint8Array = new Uint8Array();
  #fragment: Uint8Array = new Uint8Array();

  /** @throws WireError where the bytes are not TLS records or a cap is passed */
  push(bytes: Uint8Array): ServerRecord[] {
    this.#pending = this.#pending.length === 0 ? bytes : concat(this.#pending, bytes);
    const out: ServerRecord[] = [];
    for (let record = this.#next(); record !== undefined; record = this.#next()) {
      if (record.type === RECORD.alert) out.push(decodeAlert(record.body));
      else if (record.type === RECORD.handshake) out.push(...this.#messages(record.body));
    }
    return out;
  }

  #next(): RecordHeader | undefined {
    const type = this.#pending[0];
    if (type !== undefined && (type < RECORD.changeCipherSpec || type > RECORD.handshake)) throw new WireError("not a TLS record");
    if (this.#pending[1] !== undefined && this.#pending[1] !== 3) throw new WireError("record version is not 3.x");
    if (this.#pending.length < 5) return undefined;
    const reader = new Reader(this.#pending);
    const header = { type: reader.uint(1), version: reader.uint(2) };
    const length = reader.uint(2);
    if (length > MAX_RECORD) throw new WireError("record is longer than the protocol allows");
    if (reader.left < length) return undefined;
    const body = reader.take(length);
    this.#pending = this.#pending.subarray(5 + length);
    return { ...header, body };
  }

  #messages(body: Uint8Array): ServerRecord[] {
    if (body.length === 0) throw new WireError("empty handshake record");
    this.#fragment = this.#fragment.length === 0 ? body : concat(this.#fragment, body);
    const out: ServerRecord[] = [];
    while (this.#fragment.length >= 4) {
      const reader = new Reader(this.#fragment);
      const type = reader.uint(1);
      const length = reader.uint(3);
      if (length > MAX_MESSAGE) throw new WireError("handshake message is too long");
      if (reader.left < length) break;
      out.push({ kind: "message", message: { type, body: reader.take(length) } });
      this.#fragment = this.#fragment.subarray(4 + length);
    }
    return out;
  }
}

function decodeAlert(body: Uint8Array): ServerRecord {
  const reader = new Reader(body);
  return { kind: "alert", level: reader.uint(1), code: reader.uint(1) };
}

/** RFC 8446, 4.1.3. @throws WireError */
export function decodeServerHello(body: Uint8Array): ServerHello {
  const reader = new Reader(body);
  const legacyVersion = reader.uint(2);
  const random = reader.take(32);
  reader.vector(1);
  const suite = reader.uint(2);
  const compression = reader.uint(1);
  const extensions = reader.left === 0 ? new Map<number, Uint8Array>() : decodeExtensions(reader.vector(2));
  const selected = extensions.get(EXTENSION.supportedVersions);
  const share = extensions.get(EXTENSION.keyShare);
  return {
    version: selected === undefined ? legacyVersion : new Reader(selected).uint(2),
    suite,
    compression,
    random,
    retry: Buffer.compare(random, RETRY_RANDOM) === 0,
    ...(share === undefined ? {} : { group: new Reader(share).uint(2) }),
    secureRenegotiation: extensions.has(EXTENSION.renegotiationInfo),
  };
}

function decodeExtensions(bytes: Uint8Array): Map<number, Uint8Array> {
  const reader = new Reader(bytes);
  const out = new Map<number, Uint8Array>();
  while (reader.left > 0) out.set(reader.uint(2), reader.vector(2));
  return out;
}

/** Certificates as sent, up to TLS 1.2 (RFC 5246, 7.4.2). @throws WireError */
export function decodeCertificates(body: Uint8Array): Uint8Array[] {
  const reader = new Reader(new Reader(body).vector(3));
  const out: Uint8Array[] = [];
  while (reader.left > 0) {
    if (out.length === MAX_CERTIFICATES) throw new WireError("more certificates than any chain has");
    out.push(reader.vector(3));
  }
  return out;
}

/** Parameters of a ServerKeyExchange (RFC 5246, 7.4.3; RFC 8422, 5.4). `form` tells which the suite calls for. @throws WireError */
export function decodeKeyExchange(body: Uint8Array, form: "ec" | "dh", pskHint: boolean): KeyExchange {
  const reader = new Reader(body);
  if (pskHint) reader.vector(2);
  if (form === "dh") return { dhBits: bitLength(reader.vector(2)) };
  const curveType = reader.uint(1);
  // 3 = named_curve; explicit curves have no number.
  return curveType === 3 ? { group: reader.uint(2) } : {};
}

export function bitLength(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}
