/** What a broker can do to us: deliver late, twice and in disorder. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Struck } from "./fault.ts";

const MESS_MS = 2_500;
const SEEN_MS = 15_000;

export function brokerFaults({ agent }: Struck): readonly Fault[] {
  const disorder: Fault = {
    name: "doubled and reordered delivery",
    async strike() {
      const before = await agent.says("the agent speaks");
      agent.order("mess");
      await sleep(MESS_MS);
      const isSeen = await agent
        .says("delivery in disorder", (now) => now.doubled > before.doubled && now.overtaken > before.overtaken, SEEN_MS)
        .then(
          () => true,
          () => false,
        );
      agent.order("order");
      return isSeen;
    },
  };

  return [disorder];
}
