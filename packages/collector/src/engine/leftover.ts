/** A nats-server whose watcher was killed goes on alone and holds the port; the next start ends it. Needs /proc. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

async function names(pid: number, config: string): Promise<boolean> {
  const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return words.split("\0").includes(config);
}

/** True where `pid` runs with our config file and no watcher of that file is its parent. */
async function isLeftover(pid: number, config: string): Promise<boolean> {
  if (!(await names(pid, config))) return false;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The command in parentheses may hold anything, so count from its last one: state, then parent.
  const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  return !(await names(parent, config));
}

/** Ends the nats-server that the pid file names, if it is ours and alone. */
export async function endLeftover(pidFile: string, config: string): Promise<void> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1) return;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await isLeftover(pid, config))) return;
    process.kill(pid, signal);
    for (let i = 0; i < 30 && (await isLeftover(pid, config)); i++) await sleep(100);
  }
}
