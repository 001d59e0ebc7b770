/** No room left for the broker, or for the store. Seen by the agent: what it tells waits for a receipt. */
import { setTimeout as sleep } from "node:timers/promises";
import { fillDisk } from "../../kit/index.ts";
import { cameTrue, DRAIN_MS, type Fault, type Struck } from "./fault.ts";

const FULL_MS = 3_000;
/** Observations without a receipt; while all is well there are two or three. */
const WAITING = 25;
const SEEN_MS = 30_000;

const BROKER = "nats";

export function centreDiskFaults({ world, agent, random }: Struck): readonly Fault[] {
  const full = (part: string, folder: string): Fault => ({
    name: `disk of ${part} full`,
    async strike() {
      await agent.says("all is well", ({ depth }) => depth < WAITING, DRAIN_MS);
      const makeRoom = await fillDisk(folder);
      const isSeen = await cameTrue(agent.says("observations wait", ({ depth }) => depth >= WAITING, SEEN_MS));
      await sleep(random() * FULL_MS);
      await makeRoom();
      if (part === BROKER) {
        // It has given up its streams until it is started again.
        await world.kill(part);
        await world.start(part);
      }
      return isSeen;
    },
  });
  return [...world.smallDisks].map(([part, folder]) => full(part, folder));
}
