/**
 * A child process that lives as long as somebody holds its standard input: end of input is the order to stop, so a
 * parent that was killed takes its children with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { BaseLogger } from "pino";

/** An engine that could not be started; the message is one sentence for the person at the terminal. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: EngineErrorCode;
  constructor(code: EngineErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type EngineErrorCode = "port-taken" | "folder-locked" | "disk-full" | "not-found" | "not-ready" | "unsupported";

/** How a child ended: its exit status, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The last lines of its standard error, oldest first. */
  readonly lastWords: () => readonly string[];
  /** Lines of its standard output, as they come. */
  readonly onLine: (listener: (line: string) => void) => void;
  /** Ends its input, then after `graceMs` sends SIGTERM, then SIGKILL. Resolves when it is gone. */
  readonly stop: (graceMs?: number) => Promise<Exit>;
}

const KEPT_LINES = 40;
const LINE_CAP = 4096;

/** Feeds complete lines of a stream to `emit`, long ones cut. */
function lines(stream: NodeJS.ReadableStream, emit: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    rest += chunk;
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n")) {
      emit(rest.slice(0, Math.min(at, LINE_CAP)));
      rest = rest.slice(at + 1);
    }
    if (rest.length > LINE_CAP) rest = rest.slice(0, LINE_CAP);
  });
  stream.on("end", () => {
    if (rest !== "") emit(rest);
  });
}

function delay(ms: number): Promise<"late"> {
  return new Promise((resolve) => setTimeout(resolve, ms, "late").unref());
}

/** Starts `program` as a Node child in a session of its own, so that Ctrl-C at the terminal reaches only the supervisor. */
export function spawnNode(name: string, program: string, args: readonly string[], logger: BaseLogger): Child {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || stdin === null || stdout === null || stderr === null)
    throw new EngineError("not-ready", `${name} could not be started`);
  const exited = new Promise<Exit>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  // The pipe breaks when the child dies first; its exit says the same.
  stdin.on("error", () => undefined);
  const kept: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  lines(stderr, (line) => {
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
    logger.debug({ engine: name }, line);
  });
  lines(stdout, (line) => {
    for (const listener of listeners) listener(line);
  });
  return {
    pid,
    exited,
    lastWords: () => kept,
    onLine: (listener) => void listeners.push(listener),
    async stop(graceMs = 10_000) {
      stdin.end();
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        if ((await Promise.race([exited, delay(graceMs)])) !== "late") break;
        child.kill(signal);
      }
      return exited;
    },
  };
}

/** @throws EngineError where something already listens at 127.0.0.1:port */
export async function requireFreePort(name: string, port: number): Promise<void> {
  const probe = createServer();
  const free = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => resolve(true));
  });
  if (!free)
    throw new EngineError(
      "port-taken",
      `${name} cannot use port ${port} of 127.0.0.1: another program listens there; choose another with --port`,
    );
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}
