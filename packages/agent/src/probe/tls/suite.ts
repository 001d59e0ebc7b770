/** Which suites are offered in which version, and in which order. Everything is read from the names in the IANA registry. */
import { cipherSuite, SUITE_NAMES } from "@vedette/standard/registry";
import { TLS12, TLS13 } from "./client-hello.ts";

/** Everything that ever had a number, registered or not; TLS_NULL_WITH_NULL_NULL must never be offered. */
const SUITES = [...SUITE_NAMES]
  .filter(([id, name]) => id > 0 && id <= 0xffff && !name.endsWith("_SCSV"))
  .map(([id, name]) => ({ id, name, tls13: cipherSuite(id).keyExchange === "any" }));

/** What a ServerKeyExchange of this suite holds, if there is one to read; null where there is none or it is of no interest. */
export function keyExchangeForm(suite: number): { readonly form: "ec" | "dh"; readonly pskHint: boolean } | null {
  const exchange = exchangeOf(SUITE_NAMES.get(suite) ?? "");
  const pskHint = exchange.endsWith("_PSK");
  if (exchange.startsWith("ECDHE_") || exchange === "ECDH_anon") return { form: "ec", pskHint };
  if (exchange.startsWith("DHE_") || exchange.startsWith("DH_anon")) return { form: "dh", pskHint };
  return null;
}

/** True where the server's certificate stands in the handshake. */
export function isAuthenticated(suite: number): boolean {
  const exchange = exchangeOf(SUITE_NAMES.get(suite) ?? "");
  return !/anon|^PSK$|DHE_PSK$|^KRB5|^SRP_SHA$|^ECCPWD$/.test(exchange);
}

/** True where the suite asks for an ECDSA certificate, whose curve must then be among the offered groups (RFC 8422, 5.1). */
export function needsEcdsaCurve(suite: number): boolean {
  return exchangeOf(SUITE_NAMES.get(suite) ?? "").endsWith("ECDSA");
}

function exchangeOf(name: string): string {
  return /^(?:TLS|SSL)_(.*?)_WITH_/.exec(name)?.[1] ?? "";
}

/** AEAD and the SHA-2 suites exist since TLS 1.2 only, the PSK ones excepted (RFC 5246, 1.2; RFC 5487, 3.1). */
function needsTls12(name: string): boolean {
  if (/_GCM_|_CCM|POLY1305|_ARIA_|_SM4_/.test(name)) return true;
  return /_SHA(256|384)$/.test(name) && !/_PSK_/.test(name);
}

const COMMON_EXCHANGES = new Set(["RSA", "DHE_RSA", "ECDHE_RSA", "ECDHE_ECDSA"]);
const WEAK_EXCHANGES = /^(RSA_EXPORT|DHE_RSA_EXPORT|DH_anon|ECDH_anon|DH_anon_EXPORT)$/;
/** Weakest first, so that a server with an order of its own shows it by its first choice. */
const CIPHERS = [
  /_NULL_/,
  /_EXPORT/,
  /_DES_|_DES40_/,
  /_RC[24]_/,
  /_3DES_/,
  /_IDEA_/,
  /_SEED_/,
  /_CAMELLIA_/,
  /_AES_\d+_CBC/,
  /_AES_\d+_GCM/,
  /POLY1305$/,
];

/**
 * 0 what most servers have, 1 what good libraries also have, 2 what careless servers have, 3 the rest. Suites that come on offer
 * late are mostly the server's last, so that their place in its order costs little to find.
 */
function rarity(name: string): number {
  const exchange = exchangeOf(name);
  const common = COMMON_EXCHANGES.has(exchange);
  if (common && /_(RC4|3DES_EDE|AES_\d+)_(CBC|GCM|128)|POLY1305_SHA256$/.test(name)) return 0;
  if (common && /_(CAMELLIA|ARIA|AES)_/.test(name)) return 1;
  return common || WEAK_EXCHANGES.test(exchange) ? 2 : 3;
}

function strength(name: string): number {
  const at = CIPHERS.findIndex((cipher) => cipher.test(name));
  return at < 0 ? CIPHERS.length : at;
}

/** At most this many suites stand in one hello: fragile devices fall over longer ones. */
export const WINDOW = 64;

export interface SuitesToOffer {
  /** Every suite that the version defines, the likely ones first. */
  readonly defined: readonly number[];
  /** Suites of later versions, the likely ones first: they fill up a last window, for servers that take them nevertheless. */
  readonly filler: readonly number[];
}

export function suitesToOffer(version: number): SuitesToOffer {
  if (version >= TLS13) return { defined: SUITES.filter((suite) => suite.tls13).map(({ id }) => id), filler: [] };
  const older = SUITES.filter((suite) => !suite.tls13).toSorted(
    (a, b) => rarity(a.name) - rarity(b.name) || strength(a.name) - strength(b.name),
  );
  const fits = ({ name }: { readonly name: string }) => version >= TLS12 || !needsTls12(name);
  return {
    defined: older.filter(fits).map(({ id }) => id),
    filler: older.filter((suite) => !fits(suite)).map(({ id }) => id),
  };
}
