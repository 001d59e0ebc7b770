/** What TLS numbers mean: names of versions, suites and groups, and what a suite is worth. */
import { SUITE_NAMES } from "./tls-suites.ts";

export interface CipherSuite {
  readonly id: number;
  /** IANA name; "0xABCD" where the number is unknown. */
  readonly name: string;
  /** "ECDHE_RSA"; "any" for TLS 1.3 suites, which leave it to the handshake; "" where unknown. */
  readonly keyExchange: string;
  /** A stolen long-term key opens no recorded session. */
  readonly forwardSecret: boolean;
  /** Neither side proves who it is. */
  readonly anonymous: boolean;
  readonly aead: boolean;
  /** "AES", "CHACHA20", "3DES", ...; "NULL" where nothing is encrypted. */
  readonly cipher: string;
  /** Effective strength of the cipher, bits; 0 where nothing is encrypted or the number is unknown. */
  readonly strengthBits: number;
}

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [2, "SSL 2.0"],
  [768, "SSL 3.0"],
  [769, "TLS 1.0"],
  [770, "TLS 1.1"],
  [771, "TLS 1.2"],
  [772, "TLS 1.3"],
]);

export const TLS_1_2 = 771;
export const TLS_1_3 = 772;

/** Cipher part of a name to family and strength; the first pattern that fits holds. Export forms stand before their full ones. */
const CIPHERS: readonly (readonly [part: string, cipher: string, bits: number])[] = [
  ["EXPORT40", "EXPORT", 40],
  ["DES40", "DES", 40],
  ["RC4_40", "RC4", 40],
  ["RC2_CBC_40", "RC2", 40],
  ["DES_CBC_40", "DES", 40],
  ["RC4_56", "RC4", 56],
  ["RC2_CBC_56", "RC2", 56],
  ["RC4_64", "RC4", 64],
  ["3DES", "3DES", 112],
  ["DES_192_EDE3", "3DES", 112],
  ["DES_CBC", "DES", 56],
  ["DES_64", "DES", 56],
  ["RC4_128", "RC4", 128],
  ["RC2_128", "RC2", 128],
  ["IDEA", "IDEA", 128],
  ["SEED", "SEED", 128],
  ["SM4", "SM4", 128],
  ["FORTEZZA_CBC", "SKIPJACK", 80],
  ["AES_128", "AES", 128],
  ["AES_256", "AES", 256],
  ["CAMELLIA_128", "CAMELLIA", 128],
  ["CAMELLIA_256", "CAMELLIA", 256],
  ["ARIA_128", "ARIA", 128],
  ["ARIA_256", "ARIA", 256],
  ["AEGIS_128", "AEGIS", 128],
  ["AEGIS_256", "AEGIS", 256],
  ["CHACHA20", "CHACHA20", 256],
  ["KUZNYECHIK", "GOST", 256],
  ["MAGMA", "GOST", 256],
  ["28147", "GOST", 256],
];

/** Families whose 256-bit form counts as AES-256 or stronger (interpretation I-6). */
const AES_256_PEERS: ReadonlySet<string> = new Set(["AES", "CAMELLIA", "ARIA", "AEGIS", "CHACHA20"]);

function hex(id: number): string {
  return `0x${id.toString(16).toUpperCase().padStart(4, "0")}`;
}

export function tlsVersionName(version: number): string {
  return VERSIONS.get(version) ?? hex(version);
}

export function suiteName(id: number): string {
  return SUITE_NAMES.get(id) ?? hex(id);
}

/** A signalling value stands in a list of suites but is none. */
function isSignal(name: string): boolean {
  return name.endsWith("_SCSV");
}

export function cipherSuite(id: number): CipherSuite {
  const name = suiteName(id);
  const none = { id, name, keyExchange: "", forwardSecret: false, anonymous: false, aead: false, cipher: "NULL", strengthBits: 0 };
  if (!SUITE_NAMES.has(id) || isSignal(name)) return none;
  const bare = name.replace(/^TLS_|^SSL_CK_|^SSL_/, "");
  const at = bare.indexOf("WITH_");
  const ssl2 = id > 0xffff;
  const split = at >= 0 && !ssl2;
  const exchange = split ? bare.slice(0, at - 1).replace(/_?EXPORT(1024)?$/, "") : ssl2 ? "RSA" : "any";
  const sealed = split ? bare.slice(at + 5) : bare;
  const [, cipher, strengthBits] = CIPHERS.find(([part]) => sealed.includes(part)) ?? ["", "NULL", 0];
  // TLS 1.3 suites of GOST carry a key exchange in their name, yet the handshake is that of TLS 1.3 (RFC 9367).
  const tls13 = exchange === "any" || sealed.includes("_MGM_");
  return {
    id,
    name,
    keyExchange: tls13 ? "any" : exchange,
    forwardSecret: tls13 || /^(EC)?DHE_|^PSK_DHE$|_anon$|^SRP_|^ECCPWD$/.test(exchange),
    anonymous: exchange.endsWith("_anon") || exchange === "NULL",
    aead: /_GCM|_CCM|POLY1305|_MGM_|AEGIS/.test(name),
    cipher,
    strengthBits,
  };
}

export function isAes256OrStronger(suite: CipherSuite): boolean {
  return !suite.anonymous && suite.strengthBits >= 256 && AES_256_PEERS.has(suite.cipher);
}

/** IANA "TLS Supported Groups", state of 2026-11-01. */
const GROUPS: ReadonlyMap<number, string> = new Map([
  ...(
    "sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1 sect283r1 sect409k1 sect409r1 sect571k1 sect571r1 " +
    "secp160k1 secp160r1 secp160r2 secp192k1 secp192r1 secp224k1 secp224r1 secp256k1 secp256r1 secp384r1 secp521r1 " +
    "brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 x25519 x448 brainpoolP256r1tls13 brainpoolP384r1tls13 brainpoolP512r1tls13 " +
    "GC256A GC256B GC256C GC256D GC512A GC512B GC512C curveSM2"
  )
    .split(" ")
    .map((name, i): [number, string] => [i + 1, name]),
  [256, "ffdhe2048"],
  [257, "ffdhe3072"],
  [258, "ffdhe4096"],
  [259, "ffdhe6144"],
  [260, "ffdhe8192"],
  [512, "MLKEM512"],
  [513, "MLKEM768"],
  [514, "MLKEM1024"],
  [4587, "SecP256r1MLKEM768"],
  [4588, "X25519MLKEM768"],
  [4589, "SecP384r1MLKEM1024"],
  [4590, "curveSM2MLKEM768"],
  [25497, "X25519Kyber768Draft00"],
  [25498, "SecP256r1Kyber768Draft00"],
  [65281, "arbitrary_explicit_prime_curves"],
  [65282, "arbitrary_explicit_char2_curves"],
]);

export function groupName(id: number): string {
  return GROUPS.get(id) ?? hex(id);
}
