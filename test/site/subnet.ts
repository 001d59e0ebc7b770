/** The loopback subnet of a site. */

export interface Subnet {
  readonly text: string;
  readonly base: number;
  readonly size: number;
}

export class BindError extends Error {
  override readonly name = "BindError";
}

/** @throws BindError where it is not an IPv4 network inside 127.0.0.0/8, or holds 127.0.0.1. */
export function parseSubnet(text: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const parts = match === null ? [] : match.slice(1).map(Number);
  const prefix = parts[4] ?? -1;
  if (parts.length !== 5 || parts.slice(0, 4).some((part) => part > 255) || prefix < 16 || prefix > 27) {
    throw new BindError(`bind: "${text}" is not an IPv4 network between /16 and /27; use one such as 127.18.0.0/24`);
  }
  const address = parts.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - prefix);
  const base = address - (address % size);
  const home = 0x7f000001;
  if (parts[0] !== 127 || (home >= base && home < base + size)) {
    throw new BindError(`bind: "${text}" must lie in 127.0.0.0/8 and not hold 127.0.0.1; use one such as 127.18.0.0/24`);
  }
  return { text, base, size };
}

/** @throws RangeError outside the subnet's hosts. */
export function addressOf(subnet: Subnet, host: number): string {
  if (host < 1 || host > subnet.size - 2) throw new RangeError(`host ${host} lies outside ${subnet.text}`);
  const value = subnet.base + host;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
