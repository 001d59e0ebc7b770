/** Which link addresses identify hardware. */

/** First octets of addresses that stand for a router role and wander between hosts: VRRP (RFC 9568), HSRP, HSRPv6, GLBP, CARP. */
const VIRTUAL_ROUTER = ["00:00:5e:00:01", "00:00:5e:00:02", "00:00:0c:07:ac", "00:00:0c:9f:f", "00:05:73:a0", "00:07:b4"];
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * True for a globally unique unicast address of hardware (IEEE 802, bits I/G and U/L clear).
 * Random (locally administered) and virtual-router addresses are shared or change: they never join.
 */
export function isHardwareMac(mac: string): boolean {
  if (!MAC.test(mac) || mac === "00:00:00:00:00:00") return false;
  if ((Number.parseInt(mac.slice(0, 2), 16) & 0b11) !== 0) return false;
  return !VIRTUAL_ROUTER.some((prefix) => mac.startsWith(prefix));
}
