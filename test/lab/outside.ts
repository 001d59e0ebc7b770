/** Which of the agent's frames leave its scope. Reads the scope by Node's own list of addresses, not by the agent's code. */
import { BlockList } from "node:net";
import type { Frame } from "./frames.ts";

/** All that may go to more than one host: the groups that are searched and listened to, and the kernel's joining of groups. */
export const MULTICAST: readonly string[] = [
  "239.255.255.250 udp/1900", // SSDP
  "239.255.255.250 udp/3702", // WS-Discovery
  "224.0.0.251 udp/5353", // mDNS
  "224.0.0.22 igmp", // RFC 3376 4: reports of membership
  "ff02::16 icmpv6/143", // RFC 3810 5.2: the kernel's reports for the interface's own IPv6 addresses
];

/**
 * What the kernel answers to those who ask for the agent's own address is none of the agent's: a host that heard a search asks so.
 * @param scope "198.18.0.0/24" @returns one line for each kind of frame, sorted
 */
export function outside(frames: readonly Frame[], scope: string): string[] {
  const [network = "", bits = ""] = scope.split("/");
  const inside = new BlockList();
  inside.addSubnet(network, Number(bits), "ipv4");
  const left = frames.filter(({ kind, target, what }) => {
    if (kind !== "ipv6" && target !== "" && inside.check(target, "ipv4")) return false;
    if (kind === "arp" && what === "reply") return false;
    return !MULTICAST.includes(`${target} ${what}`);
  });
  return [...new Set(left.map(({ kind, target, what }) => `${kind} ${target} ${what}`))].sort();
}
