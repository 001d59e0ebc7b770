/** Which boot of a machine an observation's monotonic time counts from, short enough to stand in each of them. */
import { createHash } from "node:crypto";

/** @param bootId as in BatchClock.boot_id @returns Observation.boot */
export function bootMark(bootId: string): number {
  return createHash("sha256").update(bootId).digest().readUInt32BE(0);
}
