/** Starts a third-party program and ends exactly that one. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const READY_MS = 10_000;

/** A port on 127.0.0.1 that was free a moment ago: these programs cannot choose one and say which. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** @throws where it does not listen within ten seconds, with what it wrote to stderr */
export async function startServer(
  program: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
  let errors = "";
  let failure: Error | undefined;
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2_000);
  });
  child.on("error", (error) => {
    failure = error;
  });
  for (const end = Date.now() + READY_MS; Date.now() < end; ) {
    if (failure !== undefined || child.exitCode !== null) break;
    if (await listens(port)) return child;
    await delay(50);
  }
  child.kill("SIGKILL");
  throw new Error(`${program} did not start: ${failure?.message ?? errors}`);
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

const execute = promisify(execFile);

/** Standard output of a program that ends by itself. @throws where it ends badly or takes longer than a minute */
export async function output(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: 150_000, maxBuffer: 64 * 2 ** 20, env });
  return stdout;
}

export async function isInstalled(program: string): Promise<boolean> {
  try {
    await execute("which", [program]);
    return true;
  } catch {
    return false;
  }
}
