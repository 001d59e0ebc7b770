/**
 * What the agent may send to. There is no default: an empty scope allows nothing.
 * Exclusions win over inclusions; the ports that are never touched win over both.
 */
import ipaddr from "ipaddr.js";
import { UNTOUCHED_TCP_PORTS } from "./untouched-port.ts";

type Ip = ipaddr.IPv4 | ipaddr.IPv6;

export interface Prefix {
  readonly ip: Ip;
  readonly bits: number;
}

/** Why something is outside; the value stands in notes and counters. */
export type ScopeRefusal = "not-an-address" | "not-unicast" | "outside" | "excluded" | "own-loopback" | "untouched-port";

export interface Scope {
  readonly include: readonly Prefix[];
  readonly exclude: readonly Prefix[];
  /** undefined: allowed. Port 0 asks for the address alone. */
  refusal(address: string, port?: number): ScopeRefusal | undefined;
  allows(address: string, port?: number): boolean;
  /** Whether a port may be touched at an address that is allowed. */
  touches(port: number): boolean;
  /** Every IPv4 host address of the scope, for sweeps; IPv6 prefixes longer than /112 only, others are found by discovery. */
  hosts(): Generator<string>;
}

/** Addresses of which the answer is kept; a site has fewer. */
const ADDRESSES_KNOWN = 4096;

/** One sentence that names the field and the fix. */
export class ScopeError extends Error {
  override readonly name = "ScopeError";
}

export interface ScopeText {
  /** CIDRs or single addresses. */
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

/** @throws ScopeError */
export function parseScope(text: ScopeText, untouched: ReadonlySet<number> = UNTOUCHED_TCP_PORTS): Scope {
  const include = text.include.map((t) => parsePrefix(t, "scope"));
  const exclude = (text.exclude ?? []).map((t) => parsePrefix(t, "exclude"));

  const known = new Map<string, ScopeRefusal | undefined>();

  function refusal(address: string, port = 0): ScopeRefusal | undefined {
    if (!known.has(address)) {
      // Whatever the network names is asked for here.
      if (known.size >= ADDRESSES_KNOWN) known.clear();
      known.set(address, refusalOf(address));
    }
    return known.get(address) ?? (untouched.has(port) ? "untouched-port" : undefined);
  }

  function refusalOf(address: string): ScopeRefusal | undefined {
    const ip = parseAddress(address);
    if (!ip) return "not-an-address";
    if (!isUnicast(ip)) return "not-unicast";
    if (exclude.some((p) => covers(p, ip))) return "excluded";
    const by = include.filter((p) => covers(p, ip));
    if (by.length === 0) return "outside";
    if (isOwnLoopback(ip) && !by.some((p) => p.bits === width(ip))) return "own-loopback";
    if (ip.range() === "loopback" && !by.some((p) => p.ip.range() === "loopback")) return "own-loopback";
    return undefined;
  }

  function* hosts(): Generator<string> {
    for (const prefix of include) {
      for (const address of addressesOf(prefix)) if (refusal(address) === undefined) yield address;
    }
  }

  return {
    include,
    exclude,
    refusal,
    allows: (address, port) => refusal(address, port) === undefined,
    touches: (port) => !untouched.has(port),
    hosts,
  };
}

/** Canonical text of an address: IPv4-mapped IPv6 becomes IPv4, IPv6 in RFC 5952 form; undefined where it is no address. */
export function canonical(address: string): string | undefined {
  return parseAddress(address)?.toString();
}

export function parseAddress(address: string): Ip | undefined {
  // ipaddr.js reads "1", "0x7f.1" and other shapes of inet_aton; only the dotted form with four parts is an address here.
  if (address.includes(":") ? !ipaddr.IPv6.isValid(address) : !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  return ipaddr.process(address);
}

export function covers(prefix: Prefix, ip: Ip): boolean {
  if (prefix.ip.kind() !== ip.kind()) return false;
  return (ip as ipaddr.IPv4).match(prefix.ip as ipaddr.IPv4, prefix.bits);
}

/** True where one of the two contains the other. */
export function overlap(a: Prefix, b: Prefix): boolean {
  return covers(a, b.ip) || covers(b, a.ip);
}

function parsePrefix(text: string, field: string): Prefix {
  const [address = "", bitsText, ...rest] = text.trim().split("/");
  const ip = parseAddress(address);
  const bits = bitsText === undefined ? (ip ? width(ip) : -1) : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : -1;
  if (!ip || rest.length > 0 || bits < 0 || bits > width(ip)) {
    throw new ScopeError(`${field}: "${text}" is not a network; write it as ADDRESS/BITS, for example 192.168.1.0/24.`);
  }
  const network = { ip, bits };
  if (!isUnicast(ip) && bits > 4)
    throw new ScopeError(`${field}: "${text}" is a multicast or reserved range; name the hosts' own network.`);
  return network;
}

function width(ip: Ip): number {
  return ip.kind() === "ipv4" ? 32 : 128;
}

function isUnicast(ip: Ip): boolean {
  const range = ip.range();
  return range !== "multicast" && range !== "unspecified" && range !== "broadcast";
}

/** The addresses at which this machine's own services listen: they must be named one by one. */
function isOwnLoopback(ip: Ip): boolean {
  const text = ip.toString();
  return text === "127.0.0.1" || text === "::1";
}

function* addressesOf({ ip, bits }: Prefix): Generator<string> {
  const free = width(ip) - bits;
  if (ip.kind() === "ipv6" && free > 16) return;
  const bytes = ip.toByteArray();
  const count = 2 ** free;
  const edges = ip.kind() === "ipv4" && free >= 2;
  const start = tail(bytes) - (tail(bytes) % count);
  for (let i = edges ? 1 : 0; i < (edges ? count - 1 : count); i++) {
    const next = [...bytes];
    next.splice(-4, 4, ...word(start + i));
    yield ipaddr.fromByteArray(next).toString();
  }
}

/** The last four bytes as a number. */
function tail(bytes: readonly number[]): number {
  return bytes.slice(-4).reduce((n, b) => n * 256 + b, 0);
}

function word(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
}
