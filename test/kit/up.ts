/** `vedette up --demo` as a user starts it, with what tests ask of it: REST, the live feed, its children, its end. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SiteState } from "../site/state.ts";
import { type RestApi, restApi } from "./rest.ts";
import { waitFor } from "./wait.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const START_MS = 90_000;
const STOP_MS = 30_000;
/** Lines of stderr that a failing test shows. */
const KEPT_LINES = 60;

export const CHILDREN = ["site", "nats", "clickhouse", "collector", "agent"] as const;
export type ChildName = (typeof CHILDREN)[number];

export interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly nats: number;
  readonly clickhouse: number;
}

export interface UpOptions {
  /** An earlier start's folder and network: the same site again. */
  readonly data?: string;
  readonly bind?: string;
  /** Seconds to the first drift and between drifts. */
  readonly driftDelay?: number;
  readonly driftEvery?: number;
  readonly sweepSeconds?: number;
}

export interface RunningUp {
  readonly data: string;
  readonly bind: string;
  readonly pid: number;
  readonly ports: Ports;
  readonly api: RestApi;
  /** From the command to its first line, ms. */
  readonly readyMs: number;
  /** What the supervisor notes of its children now. */
  child(name: ChildName): number | null;
  /** nats-server itself, which runs under a watcher. */
  natsServer(): number | null;
  /** The simulated site's own account of itself. */
  site(): Promise<SiteState>;
  /** Ctrl-C. */
  stop(): Promise<{ readonly status: number | null; readonly ms: number }>;
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end, with nothing on its standard input. */
export function vedette(
  args: readonly string[],
  o: { readonly timeoutMs?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...o.env },
    timeout: o.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** A network of loopback for one test alone; the low ones are the demo's and other tests'. */
export function freeBind(): string {
  return `127.${randomInt(64, 250)}.${randomInt(0, 256)}.0/24`;
}

export function newDataFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "vedette-up-"));
}

export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Resolves when it is ready. @throws with its last words where it is not within 90 s */
export async function startUp(o: UpOptions = {}): Promise<RunningUp> {
  const data = o.data ?? (await newDataFolder());
  const bind = o.bind ?? freeBind();
  const number = (name: string, value: number | undefined) => (value === undefined ? [] : [name, String(value)]);
  const args = [
    ...["up", "--demo", "--json", "--port", "0", "--data", data, "--bind", bind],
    ...number("--drift-delay", o.driftDelay),
    ...number("--drift-every", o.driftEvery),
    ...number("--sweep-seconds", o.sweepSeconds),
  ];
  const began = performance.now();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    if (process.env["VEDETTE_TEST_LOG"] !== undefined) process.stderr.write(`up: ${line}\n`);
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const first = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  const late = new Promise<null>((resolve) => setTimeout(resolve, START_MS, null).unref());
  const line = await Promise.race([first, exited.then(() => null), late]);
  if (line === null) {
    child.kill("SIGKILL");
    throw new Error(`up did not become ready:\n${lines.join("\n")}`);
  }
  const readyMs = performance.now() - began;
  const { url, token, pid } = JSON.parse(line) as { url: string; token: string; pid: number };
  const ports = JSON.parse(await readFile(join(data, "run", "ports.json"), "utf8")) as Ports;
  return {
    data,
    bind,
    pid,
    ports,
    api: restApi(url, token),
    readyMs,
    child: (name) => readNotes(data)[name]?.pid ?? null,
    natsServer: () => readPid(join(data, "nats", "nats-server.pid")),
    site: async () => JSON.parse(await readFile(join(data, "sim", "state.json"), "utf8")) as SiteState,
    async stop() {
      const from = performance.now();
      if (child.exitCode === null) child.kill("SIGINT");
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      const status = await exited;
      clearTimeout(killer);
      return { status, ms: performance.now() - from };
    },
  };
}

function readNotes(data: string): Partial<Record<ChildName, { pid: number }>> {
  try {
    return JSON.parse(readFileSync(join(data, "run", "children.json"), "utf8")) as Partial<Record<ChildName, { pid: number }>>;
  } catch {
    // Being written.
    return {};
  }
}

function readPid(file: string): number | null {
  try {
    return Number(readFileSync(file, "utf8")) || null;
  } catch {
    return null;
  }
}

/** Command lines of processes that still work on this data folder. */
export function processesOf(data: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      if (command.includes(data)) found.push(`${pid}: ${command}`);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** Local ports of listening TCP sockets on 127.0.0.0/8, "127.18.0.4:80". */
export function listeners(): string[] {
  const LISTEN = "0A";
  return readFileSync("/proc/net/tcp", "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((row) => {
      const [, local = "", , state] = row.trim().split(/\s+/);
      const [address = "", port = ""] = local.split(":");
      const bytes =
        address
          .match(/../g)
          ?.map((byte) => Number.parseInt(byte, 16))
          .reverse() ?? [];
      return state === LISTEN ? [`${bytes.join(".")}:${Number.parseInt(port, 16)}`] : [];
    });
}

/** kill -9; false where there was nobody to kill. */
export function killHard(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Holds a process in mid-work, or lets it go on. @throws where there is none */
export function signal(pid: number | null, name: "SIGSTOP" | "SIGCONT"): void {
  if (pid === null) throw new Error("no such child");
  process.kill(pid, name);
}

/** Waits until the five children run and the API answers. */
export async function waitWhole(up: RunningUp, timeoutMs = 60_000): Promise<void> {
  await waitFor(
    "every child is back and the API answers",
    async () => CHILDREN.every((name) => up.child(name) !== null) && (await up.api.ready()),
    timeoutMs,
    250,
  );
}
