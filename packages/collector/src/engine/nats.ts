/** Finds nats-server, starts it as a child on loopback and waits until it greets. */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { connect } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { BaseLogger } from "pino";
import { EngineError, type Exit, requireFreePort, spawnNode } from "./child.ts";
import { endLeftover } from "./leftover.ts";
import { type NatsConfigOptions, pidPath, writeNatsConfig } from "./nats-config.ts";

export interface NatsServer {
  readonly path: string;
  readonly version: string;
}

export interface Nats {
  readonly url: string;
  /** Of the watcher: nats-server ends with it. */
  readonly pid: number;
  readonly version: string;
  readonly exited: Promise<Exit>;
  stop(): Promise<Exit>;
}

export interface NatsOptions extends NatsConfigOptions {
  readonly logger: BaseLogger;
  readonly readyMs?: number;
}

/** Older ones lack atomic batches or have known advisories. */
export const NATS_FLOOR = [2, 12, 7] as const;
const CHECKOUT = resolve(import.meta.dirname, "../../../..");

/** "nats-server: v2.15.1" → its version; null where it is below the floor or not a version. */
export function acceptVersion(output: string): string | null {
  const match = /^nats-server: v(\d{1,4})\.(\d{1,4})\.(\d{1,4})/.exec(output);
  if (match === null) return null;
  const version = match.slice(1, 4).map(Number);
  const first = version.findIndex((part, i) => part !== NATS_FLOOR[i]);
  return first >= 0 && (version[first] ?? 0) < (NATS_FLOOR[first] ?? 0) ? null : version.join(".");
}

/** The first of PATH, then of this checkout's .toolchain, that is new enough. @throws EngineError "not-found" */
export async function findNatsServer(searchPath = process.env["PATH"] ?? ""): Promise<NatsServer> {
  const folders = [...searchPath.split(delimiter).filter((f) => f !== ""), join(CHECKOUT, ".toolchain/nats-server/bin")];
  const tooOld: string[] = [];
  for (const folder of folders) {
    const path = join(folder, "nats-server");
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!there) continue;
    const output = await promisify(execFile)(path, ["--version"], { timeout: 10_000 }).catch(() => ({ stdout: "" }));
    const version = acceptVersion(output.stdout);
    if (version !== null) return { path, version };
    tooOld.push(path);
  }
  const found = tooOld.length === 0 ? "" : ` (too old: ${tooOld.join(", ")})`;
  throw new EngineError(
    "not-found",
    `nats-server ${NATS_FLOOR.join(".")} or newer was not found${found}; run deploy/toolchain/nats-server.sh, or install it and put it on the PATH`,
  );
}

/** True when what listens there greets as nats-server does ("INFO {…"). */
function greets(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1_000 });
    const end = (yes: boolean) => {
      socket.destroy();
      done(yes);
    };
    socket.once("data", (bytes) => end(bytes.subarray(0, 5).toString("latin1") === "INFO "));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
    socket.once("close", () => done(false));
  });
}

/** @throws EngineError with one sentence that says what is in the way */
export async function startNats(o: NatsOptions): Promise<Nats> {
  const server = await findNatsServer();
  const config = await writeNatsConfig(o);
  await endLeftover(pidPath(o.data), config);
  await requireFreePort("nats-server", o.port);
  const child = spawnNode("nats", join(import.meta.dirname, "nats-child.ts"), [server.path, config], o.logger);
  const readyMs = o.readyMs ?? 30_000;
  const deadline = Date.now() + readyMs;
  let exit: Exit | null = null;
  void child.exited.then((e) => {
    exit = e;
  });
  while (!(await greets(o.port))) {
    if (exit !== null) {
      const reason = child.lastWords().findLast((line) => line.includes("[FTL]")) ?? child.lastWords().at(-1) ?? "it said nothing";
      throw new EngineError("not-ready", `nats-server ended before it was ready: ${reason}`);
    }
    if (Date.now() > deadline) {
      await child.stop(1_000);
      throw new EngineError("not-ready", `nats-server did not answer within ${readyMs / 1000} s`);
    }
    await new Promise((r) => setTimeout(r, 50));
  }
  return { url: `nats://127.0.0.1:${o.port}`, pid: child.pid, version: server.version, exited: child.exited, stop: () => child.stop() };
}
