/** ClientHello in bytes. Everything offered is a parameter; nothing here is ever completed to a handshake (RFC 8446, 4.1.2). */
import { concat, uint, vector } from "./reader.ts";
import { EXTENSION, RECORD } from "./wire.ts";

export const SSL3 = 0x0300;
export const TLS10 = 0x0301;
export const TLS12 = 0x0303;
export const TLS13 = 0x0304;

/** Signals secure renegotiation where there are no extensions (RFC 5746, 3.3). */
const RENEGOTIATION_SCSV = 0x00ff;

/** Every scheme that a server may sign with, the deprecated ones included (IANA TLS SignatureScheme). */
const SIGNATURE_SCHEMES = [
  0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601, 0x081a, 0x081b, 0x081c,
  0x0708, 0x0303, 0x0301, 0x0402, 0x0502, 0x0602, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101,
];

export interface Offer {
  /** Highest version offered. */
  readonly version: number;
  /** Other versions offered beside a TLS 1.3 one, descending. */
  readonly alsoVersions?: readonly number[];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  /** Compression methods beside null, which always follows them. TLS 1.3 forbids them. */
  readonly compression?: readonly number[];
  /** Empty in TLS 1.3: the server answers with a HelloRetryRequest that names its group. */
  readonly keyShares?: readonly { readonly group: number; readonly key: Uint8Array }[];
  readonly serverName?: string;
  readonly alpn?: readonly string[];
}

/** One record with one ClientHello. `random` is 64 bytes: 32 of the hello, 32 of its session id. */
export function encodeClientHello(offer: Offer, random: Uint8Array): Uint8Array {
  const modern = offer.version >= TLS13;
  const suites = offer.version === SSL3 ? [...offer.suites, RENEGOTIATION_SCSV] : offer.suites;
  const compression = modern ? [0] : [...(offer.compression ?? []), 0];
  const head = concat(
    uint(Math.min(offer.version, TLS12), 2),
    random.subarray(0, 32),
    // A session id makes middleboxes and TLS 1.3 servers treat it as they do browsers (RFC 8446, D.4).
    vector(1, modern ? random.subarray(32, 64) : []),
    vector(2, ...suites.map((suite) => uint(suite, 2))),
    vector(1, compression),
  );
  // Servers of SSL 3.0 may refuse a hello with extensions, which it did not have.
  const body = offer.version === SSL3 ? head : concat(head, vector(2, ...padded(extensions(offer), head.length)));
  const message = concat([1], uint(body.length, 3), body);
  return concat([RECORD.handshake], uint(Math.min(offer.version, TLS10), 2), uint(message.length, 2), message);
}

function extensions(offer: Offer): Uint8Array[] {
  const modern = offer.version >= TLS13;
  const versions = [offer.version, ...(offer.alsoVersions ?? [])];
  const out: Uint8Array[] = [];
  const add = (type: number, ...body: (Uint8Array | readonly number[])[]) => out.push(concat(uint(type, 2), vector(2, ...body)));
  if (offer.serverName !== undefined) add(EXTENSION.serverName, vector(2, [0], vector(2, Buffer.from(offer.serverName, "ascii"))));
  if (versions.some((version) => version < TLS13)) {
    add(EXTENSION.ecPointFormats, vector(1, [0, 1, 2]));
    add(EXTENSION.renegotiationInfo, [0]);
  }
  if (offer.groups.length > 0) add(EXTENSION.supportedGroups, vector(2, ...offer.groups.map((group) => uint(group, 2))));
  if (offer.version >= TLS12) add(EXTENSION.signatureAlgorithms, vector(2, ...SIGNATURE_SCHEMES.map((scheme) => uint(scheme, 2))));
  if (offer.alpn !== undefined) add(EXTENSION.alpn, vector(2, ...offer.alpn.map((name) => vector(1, Buffer.from(name, "ascii")))));
  if (modern) {
    add(EXTENSION.supportedVersions, vector(1, ...versions.map((version) => uint(version, 2))));
    add(EXTENSION.keyShare, vector(2, ...(offer.keyShares ?? []).map((share) => concat(uint(share.group, 2), vector(2, share.key)))));
  }
  return out;
}

/** Some load balancers hang on hellos of 256 to 511 bytes (RFC 7685): such a one is filled up. */
function padded(list: Uint8Array[], headLength: number): Uint8Array[] {
  const length = 4 + headLength + 2 + list.reduce((sum, extension) => sum + extension.length, 0);
  if (length < 256 || length >= 512) return list;
  return [...list, concat(uint(EXTENSION.padding, 2), vector(2, new Uint8Array(Math.max(1, 512 - length - 4))))];
}
