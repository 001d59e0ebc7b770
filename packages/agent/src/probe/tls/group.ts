/** Named groups that are offered (IANA TLS Supported Groups). Explicit curves and reserved numbers are not. */

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Elliptic curves, the usual ones first: what a hello up to TLS 1.2 may name without changing which Diffie-Hellman prime is used. */
export const CURVES: readonly number[] = [29, 23, 24, 25, 30, ...range(26, 28), ...range(1, 22), ...range(31, 41)];

/** Groups with fixed primes (RFC 7919). Named before TLS 1.3 they hide the server's own, perhaps weak, prime. */
const FINITE_FIELDS = range(256, 260);

/** ML-KEM and its hybrids. */
const POST_QUANTUM = [4587, 4588, 4589, 512, 513, 514, 25497];

export const TLS13_GROUPS: readonly number[] = [...CURVES, ...FINITE_FIELDS, ...POST_QUANTUM];

/** Curves of ECDSA certificates. */
export const CERTIFICATE_CURVES: readonly number[] = [23, 24, 25];
