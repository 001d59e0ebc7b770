/**
 * Which ports a look takes; the lists are published in docs/probes.md. "guard" are the ports where a device turns bad first; "common" adds
 * what cameras, recorders and their debug services listen on.
 */
import { UNTOUCHED_TCP_PORTS } from "../../net/untouched-port.ts";

export const PORT_LISTS = ["presence", "guard", "common", "full", "custom"] as const;
export type PortList = (typeof PORT_LISTS)[number];

const PRESENCE = [80, 443, 554, 22, 8000, 8080];
const GUARD = [23, 80, 443, 554, 2323, 8000];

// biome-ignore format: one table
const COMMON = [
  21, 22, 23, 25, 53, 80, 81, 82, 83, 84, 85, 88, 110, 111, 139, 143, 161, 389, 443, 445, 513, 514, 515, 548, 554, 587, 631, 873, 990, 993,
  995, 1024, 1080, 1161, 1234, 1400, 1723, 1883, 1935, 2000, 2020, 2049, 2121, 2323, 2375, 2376, 2601, 3000, 3260, 3306, 3333, 3389, 3702,
  3777, 4433, 4444, 4520, 5000, 5001, 5060, 5061, 5353, 5432, 5544, 5555, 5631, 5800, 5900, 5901, 6001, 6036, 6379, 6666, 6667, 7000, 7001,
  7070, 7443, 7547, 8000, 8001, 8008, 8009, 8080, 8081, 8082, 8086, 8088, 8090, 8099, 8181, 8200, 8443, 8554, 8555, 8883, 8888, 8899, 9000,
  9001, 9080, 9443, 9527, 9530, 9999, 10_000, 10_080, 10_443, 10_554, 12_345, 15_000, 18_004, 23_456, 32_764, 34_567, 34_599, 37_215, 37_777,
  37_778, 40_001, 49_152, 49_153, 49_154, 50_000, 52_869, 55_443, 60_001,
];

/** Every TCP port outside the published exclusion list. */
export function sweepPorts(): number[] {
  return Array.from({ length: 65_535 }, (_, i) => i + 1).filter((p) => !UNTOUCHED_TCP_PORTS.has(p));
}

/** Ascending, without doubles. "custom" has none of its own. */
export function portsOf(list: PortList): readonly number[] {
  if (list === "full") return sweepPorts();
  const ports = { presence: PRESENCE, guard: GUARD, common: COMMON, custom: [] }[list];
  return [...new Set(ports)].filter((p) => !UNTOUCHED_TCP_PORTS.has(p)).sort((a, b) => a - b);
}
