/** The multicast groups that the agent joins and sends to; no other exists for it. */

export interface MulticastGroup {
  readonly address: string;
  readonly port: number;
  /** IP TTL or hop limit of what we send: UPnP Device Architecture 2.0 1.3.2 says 2, RFC 6762 11 says 255, and WS-Discovery stays on the link. */
  readonly ttl: number;
}

export const SSDP: MulticastGroup = { address: "239.255.255.250", port: 1900, ttl: 2 };
export const SSDP_V6: MulticastGroup = { address: "ff02::c", port: 1900, ttl: 2 };
export const MDNS: MulticastGroup = { address: "224.0.0.251", port: 5353, ttl: 255 };
export const MDNS_V6: MulticastGroup = { address: "ff02::fb", port: 5353, ttl: 255 };
export const WSD: MulticastGroup = { address: "239.255.255.250", port: 3702, ttl: 1 };
export const WSD_V6: MulticastGroup = { address: "ff02::c", port: 3702, ttl: 1 };

const GROUPS: readonly MulticastGroup[] = [SSDP, SSDP_V6, MDNS, MDNS_V6, WSD, WSD_V6];

interface GroupName {
  readonly address: string;
  readonly port: number;
}

export function isGroup(name: GroupName): boolean {
  return GROUPS.some((g) => g.address === name.address && g.port === name.port);
}

/** @throws RangeError where it is none of ours */
export function groupOf(name: GroupName): MulticastGroup {
  const group = GROUPS.find((g) => g.address === name.address && g.port === name.port);
  if (!group) throw new RangeError("not a group that we join");
  return group;
}

/** TTL for what is sent to a group from any socket; undefined where it is none of ours. */
export function ttlOf(name: GroupName): number | undefined {
  return GROUPS.find((g) => g.address === name.address && g.port === name.port)?.ttl;
}
