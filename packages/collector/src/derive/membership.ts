/** Whether a device counts in its site's level: by class, unless a person decided. */
import type { DeviceClass } from "@vedette/standard";
import type { Decisions, Membership } from "./types.ts";

const BY_CLASS: Readonly<Record<DeviceClass, Membership>> = {
  camera: "in",
  recorder: "in",
  encoder: "in",
  nas: "in",
  switch: "environment",
  "access-point": "environment",
  router: "environment",
  workstation: "out",
  phone: "out",
  printer: "out",
  vms: "undecided",
  other: "undecided",
};

export interface Belonging {
  readonly membership: Membership;
  /** "class:camera", or "<author>: <reason>". */
  readonly reason: string;
}

/** @param ids the device's id and its aliases: a decision holds for whatever the device was called when it was made */
export function membershipOf(deviceClass: DeviceClass, ids: readonly string[], decisions: Decisions["memberships"], at: number): Belonging {
  const decided = decisions
    .filter((m) => ids.includes(m.device) && m.from <= at)
    .toSorted((a, b) => a.from - b.from)
    .at(-1);
  if (decided !== undefined) return { membership: decided.membership, reason: `${decided.author}: ${decided.reason}` };
  return { membership: BY_CLASS[deviceClass], reason: `class:${deviceClass}` };
}
