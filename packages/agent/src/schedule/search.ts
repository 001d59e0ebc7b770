/** Looking for hosts that nothing announced: a few ports and SNMP at every address of the scope, at a pace that leaves room for the looks at what is known. */

import type { ProbeId } from "@vedette/proto";
import type { Logger } from "pino";
import type { Standing } from "../policy.ts";
import type { Clock } from "../probe/probe.ts";
import type { AnyProbe } from "../probe/registry.ts";
import type { Look, Task } from "../run.ts";
import { SEARCH_PORTS, snmpPorts } from "./plan.ts";
import type { Search } from "./schedule.ts";
import type { Site } from "./site.ts";

/** Addresses of one site that are searched: a /22. Beyond it, hosts are found where they announce themselves. */
export const SEARCHED_ADDRESSES = 1024;
/** Addresses under way at once; the kernel's neighbour table holds about 1,000 entries. */
const SLICE = 16;
/** Shares of the site's budget: the first round finds the site, later ones must not hold up the looks at what is known. */
export const FIRST_SHARE = 0.5;
const LATER_SHARE = 0.25;
const CONNECT_MS = 1000;

export interface SearchParts {
  readonly site: Site;
  readonly standing: () => Standing;
  readonly probe: (id: ProbeId) => AnyProbe | undefined;
  readonly run: (task: Task, signal: AbortSignal) => Promise<readonly Look[]>;
  /** Something answered at an address that was not known. */
  readonly onFound: (address: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Addresses to search, and how many of the scope are left out. */
export function searchedAddresses(standing: Pick<Standing, "scope">): { readonly addresses: readonly string[]; readonly leftOut: number } {
  const addresses: string[] = [];
  let leftOut = 0;
  for (const address of standing.scope.hosts()) {
    if (addresses.length < SEARCHED_ADDRESSES) addresses.push(address);
    else leftOut++;
  }
  return { addresses, leftOut };
}

function answered(look: Look): boolean {
  if (look.outcome !== "identified") return false;
  // A refusal alone shows no device.
  return look.probe !== "tcp.connect" || (look.facts?.posture as { open?: unknown[] } | undefined)?.open?.length !== 0;
}

function attempts(task: Task): number {
  return (task.options as { ports?: readonly number[] }).ports?.length ?? 1;
}

export function createHostSearch(parts: SearchParts): Search {
  const { site, clock, logger } = parts;
  let rounds = 0;

  function tasks(address: string): Task[] {
    const standing = parts.standing();
    const hints = standing.portHints.filter((h) => h.transport === "tcp").map((h) => h.port);
    const ports = [...new Set([...SEARCH_PORTS, ...hints])].filter((p) => standing.scope.allows(address, p));
    const connect = parts.probe("tcp.connect");
    const snmp = parts.probe("snmp.system");
    const passive = standing.tier === "passive";
    return [
      ...(connect === undefined || passive
        ? []
        : [
            {
              probe: connect,
              target: { address, port: 0 },
              options: connect.options.parse({ list: "custom", ports, connectMs: CONNECT_MS, firstBytesMs: 0 }),
            },
          ]),
      ...(snmp === undefined || passive
        ? []
        : snmpPorts(standing).map((port) => ({ probe: snmp, target: { address, port }, options: snmp.options.parse({}) }))),
    ];
  }

  async function searchAt(todo: readonly Task[], address: string, signal: AbortSignal): Promise<void> {
    const looks = (await Promise.all(todo.map((t) => parts.run(t, signal)))).flat();
    if (signal.aborted || !looks.some(answered)) return;
    for (const look of looks) site.absorb(look);
    parts.onFound(address);
  }

  return {
    name: "host search",
    async run(signal) {
      const { addresses, leftOut } = searchedAddresses(parts.standing());
      if (leftOut > 0) logger.warn({ searched: addresses.length, leftOut }, "the scope is larger than what is searched address by address");
      const share = rounds++ === 0 ? FIRST_SHARE : LATER_SHARE;
      const msPerAttempt = 1000 / (parts.standing().budget.sitePerSecond * share);
      const unknown = addresses.filter((a) => !site.hosts.has(a)).values();
      let turnMs = clock.monotonic();
      const worker = async (): Promise<void> => {
        for (const address of unknown) {
          const todo = tasks(address);
          const waitMs = turnMs - clock.monotonic();
          turnMs = Math.max(turnMs, clock.monotonic()) + msPerAttempt * todo.reduce((n, t) => n + attempts(t), 0);
          if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined);
          if (signal.aborted) return;
          // It may have announced itself meanwhile.
          if (!site.hosts.has(address)) await searchAt(todo, address, signal);
        }
      };
      await Promise.all(Array.from({ length: SLICE }, worker));
    },
  };
}
