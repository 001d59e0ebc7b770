/** What a process costs, as Linux tells it (proc(5)). */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const KIB = 1024;
/** Clock ticks of /proc, ms. */
const TICK_MS = 10;

/** Proportional set size, bytes: memory shared with other processes counts in part. */
export function proportionalBytes(pid: number): number {
  return kibOf(pid, "Pss") * KIB;
}

function kibOf(pid: number, field: string): number {
  const line = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")
    .split("\n")
    .find((l) => l.startsWith(`${field}:`));
  return Number(line?.split(/\s+/)[1] ?? Number.NaN);
}

/** User and system time since its start, ms. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** What is in memory, bytes: the proportional set size of a process that shares its program with no other. */
export function residentBytes(pid: number): number {
  return kibOf(pid, "Rss") * KIB;
}

/** Payload bytes that its TCP connections to a peer, "address" or "address:port", have sent and had acknowledged. */
export async function sentBytes(pid: number, peer: string): Promise<number> {
  const { stdout } = await promisify(execFile)("ss", ["-tniHpO", "dst", peer]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(`pid=${pid},`))
    .reduce((sum, line) => sum + Number(/bytes_acked:(\d+)/.exec(line)?.[1] ?? 0), 0);
}
