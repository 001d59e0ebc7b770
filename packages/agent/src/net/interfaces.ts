/** Which interfaces of this machine belong to the site: those whose prefix contains the scope or is contained in it. */
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { covers, overlap, type Prefix, parseAddress, type Scope } from "./scope.ts";

export interface SiteInterface {
  readonly name: string;
  /** Own address on it: source of searches and multicast interface. IPv6 link-local addresses carry their zone ("fe80::1%eth0"). */
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly prefix: Prefix;
  /** "" on loopback. */
  readonly linkAddress: string;
}

export interface InterfaceChoice {
  /** Only these, by name; undefined: all that fit the scope. */
  readonly names?: readonly string[];
  /** Source address on loopback: a site simulated at 127.x may tell its peers apart by it. */
  readonly loopbackSource?: string;
  readonly all?: NodeJS.Dict<NetworkInterfaceInfo[]>;
}

export function siteInterfaces(scope: Scope, choice: InterfaceChoice = {}): SiteInterface[] {
  const found: SiteInterface[] = [];
  for (const [name, addresses] of Object.entries(choice.all ?? networkInterfaces())) {
    if (choice.names && !choice.names.includes(name)) continue;
    for (const info of addresses ?? []) {
      const own = interfaceOf(name, info, choice.loopbackSource);
      if (own && scope.include.some((p) => overlap(p, own.prefix))) found.push(own);
    }
  }
  return found;
}

/** True where the address lies on the interface's own segment: link-local multicast from anywhere else is another interface's. */
export function onSegment(own: SiteInterface, address: string): boolean {
  const ip = parseAddress(address);
  return ip !== undefined && (covers(own.prefix, ip) || (own.family === "IPv6" && ip.range() === "linkLocal"));
}

function interfaceOf(name: string, info: NetworkInterfaceInfo, loopbackSource: string | undefined): SiteInterface | undefined {
  const ip = parseAddress(info.address);
  const bits = Number(info.cidr?.split("/")[1] ?? Number.NaN);
  if (!ip || Number.isNaN(bits)) return undefined;
  const linkLocal = info.family === "IPv6" && ip.range() === "linkLocal";
  const address = linkLocal ? `${info.address.split("%")[0]}%${name}` : info.address;
  const linkAddress = info.mac === "00:00:00:00:00:00" ? "" : info.mac;
  const source = info.internal && info.family === "IPv4" ? (loopbackSource ?? address) : address;
  return { name, address: source, family: info.family, prefix: { ip, bits }, linkAddress };
}
