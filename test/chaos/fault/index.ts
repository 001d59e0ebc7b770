/** Every fault, of which the next one is drawn. */
import { brokerFaults } from "./broker.ts";
import { centreDiskFaults } from "./centre-disk.ts";
import { clockFaults } from "./clock.ts";
import { diskFaults } from "./disk.ts";
import type { Fault, Struck } from "./fault.ts";
import { processFaults } from "./process.ts";

export function faultsOf(struck: Struck): readonly Fault[] {
  return [...processFaults(struck), ...brokerFaults(struck), ...diskFaults(struck), ...centreDiskFaults(struck), ...clockFaults(struck)];
}
