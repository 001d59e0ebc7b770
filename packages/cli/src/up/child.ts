/** Children of `vedette up` that are this program itself: spawned in sessions of their own, ended through their standard input. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { cannot } from "../exit.ts";
import type { Running } from "./supervise.ts";

export interface ProgramChild extends Running {
  /** What it said in its first line on stdout. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Sends one line to its standard input. */
  tell(line: string): void;
}

export interface ProgramOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly readyMs: number;
  readonly nodeOptions?: readonly string[];
  /** Folder where Node keeps compiled code: a process that finds all of its own there needs no compiler in memory. */
  readonly compileCache?: string;
  /** Lines of stdout after the first. */
  readonly onLine?: (line: string) => void;
  readonly stopMs?: number;
}

/** Resolves with the first line, which must be JSON with "ready": true. @throws CommandError 3 where it ends before */
export async function startProgram(o: ProgramOptions): Promise<ProgramChild> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", ...(o.nodeOptions ?? []), o.program, ...o.args],
    {
      ...(o.compileCache === undefined ? {} : { env: { ...process.env, NODE_COMPILE_CACHE: o.compileCache } }),
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    },
  );
  const { pid, stdin, stdout } = child;
  if (pid === undefined || stdin === null || stdout === null) throw cannot(`${o.name} could not be started`);
  // It breaks when the child dies first; its exit says the same.
  stdin.on("error", () => undefined);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  const lines = createInterface({ input: stdout });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const timer = setTimeout(() => reject(cannot(`${o.name} was not ready within ${o.readyMs / 1000} s`)), o.readyMs);
    let first = true;
    lines.on("line", (line) => {
      if (!first) return o.onLine?.(line);
      first = false;
      clearTimeout(timer);
      resolve(parseReady(line));
    });
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(cannot(`${o.name} ended before it was ready (${signal ?? `status ${code}`}); its lines above say why`));
    });
  }).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    pid,
    exited,
    ready,
    tell: (line) => void stdin.write(`${line}\n`),
    async stop() {
      stdin.end();
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const late = await Promise.race([
          exited.then(() => false),
          new Promise<boolean>((r) => setTimeout(r, o.stopMs ?? 12_000, true).unref()),
        ]);
        if (!late) break;
        child.kill(signal);
      }
      return exited;
    },
  };
}

function parseReady(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through: a program of ours says JSON or nothing.
  }
  return {};
}
