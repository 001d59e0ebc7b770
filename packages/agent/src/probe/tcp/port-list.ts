/** Which ports a look takes; the lists themselves are published by the standard's registry and in docs/probes.md. */
import { COMMON_PORTS, GUARD_PORTS, mayConnect, PRESENCE_PORTS } from "@vedette/standard/registry";

export const PORT_LISTS = ["presence", "guard", "common", "full", "custom"] as const;
export type PortList = (typeof PORT_LISTS)[number];

/** Every TCP port outside the published exclusion list. */
export function sweepPorts(): number[] {
  return Array.from({ length: 65_535 }, (_, i) => i + 1).filter(mayConnect);
}

/** How many those are. */
export const SWEEP_SIZE = sweepPorts().length;

/** "custom" has none of its own. */
export function portsOf(list: PortList): readonly number[] {
  if (list === "full") return sweepPorts();
  return { presence: PRESENCE_PORTS, guard: GUARD_PORTS, common: COMMON_PORTS, custom: [] }[list];
}
