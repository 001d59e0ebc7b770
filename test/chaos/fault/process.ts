/** SIGKILL and SIGSTOP of the agent and of each part of the centre. Seen in /proc. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { DOWN_MS, type Fault, type Struck } from "./fault.ts";

const FROZEN_LEAST_MS = 200;
const FROZEN_MOST_MS = 4_000;

/** The letter of proc_pid_stat(5); "" where there is no such process. */
async function stateOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2)[0] ?? "";
}

const AGENT = "agent";

export function processFaults({ world, agent, random }: Struck): readonly Fault[] {
  const pidOf = (victim: string) => (victim === AGENT ? agent.pid : world.pid(victim));

  const kill = (victim: string): Fault => ({
    name: `kill ${victim}`,
    async strike() {
      const before = pidOf(victim);
      await (victim === AGENT ? agent.kill() : world.kill(victim));
      const isGone = before !== null && (await stateOf(before)) === "";
      await sleep(random() * DOWN_MS);
      if (victim === AGENT) agent.start();
      else await world.start(victim);
      const after = pidOf(victim);
      return isGone && after !== null && after !== before;
    },
  });

  const freeze = (victim: string): Fault => ({
    name: `freeze ${victim}`,
    async strike() {
      const pid = pidOf(victim);
      if (pid === null) return false;
      process.kill(pid, "SIGSTOP");
      try {
        await sleep(FROZEN_LEAST_MS + random() * (FROZEN_MOST_MS - FROZEN_LEAST_MS));
        return (await stateOf(pid)) === "T";
      } finally {
        process.kill(pid, "SIGCONT");
      }
    },
  });

  const victims = [AGENT, ...world.parts];
  return [...victims.map(kill), ...victims.map(freeze)];
}
