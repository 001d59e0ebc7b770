/** Programs inside the lab's namespaces. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { LabHost } from "./network.ts";

const READY_MS = 15_000;
const LISTENING = "0A";

const execute = promisify(execFile);

/** Files and folders that the program sees in place of the machine's own (mounted.ts). */
export interface PrivateView {
  /** Empty folders in memory. */
  readonly empty?: readonly string[];
  /** Made within them. */
  readonly folders?: readonly string[];
  /** Place → what stands there instead. */
  readonly bound?: Readonly<Record<string, string>>;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly view?: PrivateView;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it wrote, the last 4,000 characters. */
  words(): string;
  /** By the signal, and by SIGKILL where that does not end it within two seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** The same process id as the program: `ip netns exec` becomes it. */
export function start(host: LabHost, program: string, args: readonly string[], { env = {}, view }: ProgramOptions = {}): Running {
  const command =
    view === undefined
      ? [program, ...args]
      : [process.execPath, join(import.meta.dirname, "mounted.ts"), JSON.stringify(view), program, ...args];
  const child = spawn("ip", ["netns", "exec", host.namespace, ...command], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_NO_WARNINGS: "1", ...env },
  });
  let words = "";
  const keep = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-4_000);
  };
  child.stderr.on("data", keep);
  child.stdout.on("data", keep);
  child.on("error", (error) => keep(Buffer.from(String(error))));
  return {
    child,
    words: () => words,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(signal);
      const slow = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await ended;
      clearTimeout(slow);
    },
  };
}

/** Standard output of a program that ends by itself. @throws where it ends badly */
export async function outputIn(host: LabHost, program: string, args: readonly string[], timeoutMs = 30_000): Promise<string> {
  const { stdout } = await execute("ip", ["netns", "exec", host.namespace, program, ...args], {
    timeout: timeoutMs,
    maxBuffer: 64 * 2 ** 20,
  });
  return stdout;
}

export type Port = `${"tcp" | "udp"}/${number}`;

/** Waits until the program's namespace listens at each port. @throws with what it wrote, where it ends before or takes too long */
export async function ready(running: Running, ports: readonly Port[]): Promise<Running> {
  const { child, words } = running;
  for (const until = Date.now() + READY_MS; Date.now() < until; await delay(50)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (!(await hasEntered(child.pid ?? 0))) continue;
    const open = await Promise.all(ports.map((port) => listens(child.pid ?? 0, port)));
    if (open.every(Boolean)) return running;
  }
  await running.stop("SIGKILL");
  throw new Error(`${child.spawnargs.slice(3).join(" ")} is not ready at ${ports.join(", ")}: ${words()}`);
}

/** `ip` needs a moment to leave our own namespace, where others may listen at the same ports. */
async function hasEntered(pid: number): Promise<boolean> {
  const of = (process: number | "self") => readlink(`/proc/${process}/ns/net`).catch(() => "");
  const its = await of(pid);
  return its !== "" && its !== (await of("self"));
}

/** Read from the kernel's tables of that namespace: a connection to try it would be one that the device counts. */
async function listens(pid: number, port: Port): Promise<boolean> {
  const [transport, number] = port.split("/");
  const suffix = `:${Number(number).toString(16).toUpperCase().padStart(4, "0")}`;
  for (const family of ["", "6"]) {
    const table = await readFile(`/proc/${pid}/net/${transport}${family}`, "latin1").catch(() => "");
    for (const line of table.split("\n").slice(1)) {
      const [, local = "", , state] = line.trim().split(/\s+/);
      if (local.endsWith(suffix) && (transport === "udp" || state === LISTENING)) return true;
    }
  }
  return false;
}
