/** The single round of an audit, and what it takes again at its end, once: no later look would make good what came to nothing. */
import type { ProbeId } from "@vedette/proto";
import type { Look } from "../run.ts";
import type { Job } from "./plan.ts";

/** Looks by which a device tells who it is: that two which answer under one identifier are two shows only where their answers interleave. */
const IDENTITY: ReadonlySet<ProbeId> = new Set(["upnp.description", "onvif.device", "snmp.system"]);
/** Looks at one time tell no order. */
export const SECOND_LOOK_SPACING_MS = 5;

export interface OneRound {
  readonly sweep: boolean;
  /** Goes on so long for what is only heard, ms. Default 0. */
  readonly listenMs?: number;
  readonly onProgress?: (done: number, known: number) => void;
}

export interface SecondLooks {
  /** A look that was taken: kept where it was at an open port and came to nothing. */
  taken(job: Job, looks: readonly Look[]): void;
  /** The first time, what is to be taken again out of everything that is planned; then nothing. */
  claim(planned: readonly Job[]): readonly Job[];
}

function isUnsettled(look: Look): boolean {
  return look.outcome === "undetermined" || look.outcome === "unreachable";
}

export function createSecondLooks(): SecondLooks {
  const unsettled = new Map<string, Job>();
  let claimed = false;
  return {
    taken(job, looks) {
      // A datagram that nobody answers says nothing of the port.
      if (job.target.port !== 0 && job.probe !== "snmp.system" && looks.some(isUnsettled)) unsettled.set(job.key, job);
    },
    claim(planned) {
      if (claimed) return [];
      claimed = true;
      const identity = planned.filter((j) => IDENTITY.has(j.probe) && j.interval === "light" && !unsettled.has(j.key));
      return [...unsettled.values(), ...identity];
    },
  };
}
