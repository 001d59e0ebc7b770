/** What a broker can do to us: lose its whole store, lose its streams while it runs, deliver twice and in disorder. */
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../kit/index.ts";
import { cameTrue, DOWN_MS, type Fault, type Struck } from "./fault.ts";

const MESS_MS = 2_500;
const SEEN_MS = 15_000;

export function brokerFaults({ world, agent, random }: Struck): readonly Fault[] {
  const storeDeleted: Fault = {
    name: "broker's store deleted",
    async strike() {
      const store = join(world.folder, "nats", "stream");
      const wasThere = await cameTrue(stat(store));
      await world.kill("nats");
      await rm(store, { recursive: true, force: true });
      const isGone = !(await cameTrue(stat(store)));
      await sleep(random() * DOWN_MS);
      await world.start("nats");
      return wasThere && isGone;
    },
  };

  const streamsDeleted: Fault = {
    name: "streams deleted",
    // They may just be made anew.
    strike: () => cameTrue(waitFor("streams", async () => (await world.deleteStreams()) > 0, SEEN_MS, 500)),
  };

  const disorder: Fault = {
    name: "doubled and reordered delivery",
    async strike() {
      const before = await agent.says("the agent speaks");
      agent.order("mess");
      await sleep(MESS_MS);
      const isSeen = await cameTrue(
        agent.says("delivery in disorder", (now) => now.doubled > before.doubled && now.overtaken > before.overtaken, SEEN_MS),
      );
      agent.order("order");
      return isSeen;
    },
  };

  return [storeDeleted, streamsDeleted, disorder];
}
