/** The agent's wall clock steps by a day, and back with the next step. Seen in the store: times that are a day off. */
import { waitFor } from "../../kit/index.ts";
import { cameTrue, type Fault, type Struck } from "./fault.ts";

const DAY_MS = 86_400_000;
const SEEN_MS = 30_000;

export function clockFaults({ world, agent, random }: Struck): readonly Fault[] {
  /** Observations whose wall clock was so far off. */
  const countOff = async (hours: "< 1" | "> 20"): Promise<number> => {
    const [row] = await world.store.query<{ n: number }>(
      `SELECT uniqExact(epoch, seq, content_hash) AS n FROM observation WHERE abs(dateDiff('hour', wall_at, stored_at)) ${hours}`,
    );
    return row?.n ?? 0;
  };
  const step: Fault = {
    name: "clock steps a day",
    async strike() {
      const isBack = agent.skewMs !== 0;
      const count = () => countOff(isBack ? "< 1" : "> 20");
      const before = await count();
      agent.step(isBack ? -agent.skewMs : random() < 0.5 ? DAY_MS : -DAY_MS);
      return cameTrue(waitFor("its times are seen", async () => (await count()) > before, SEEN_MS, 200));
    },
  };
  return [step];
}
