/** The engines as children: they end with whoever started them, and say plainly what is in the way. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type EngineError, startClickHouse } from "@vedette/collector/src/engine/index.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort, startTestStack, type TestStack, waitFor } from "../kit/index.ts";

let stack: TestStack;
beforeEach(async () => {
  stack = await startTestStack();
});
afterEach(() => stack.stop());

async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

const natsPid = async (folder: string) => Number(await readFile(join(folder, "nats", "nats-server.pid"), "utf8"));

it("names a folder and a port that are in use", async () => {
  const data = join(stack.folder, "clickhouse");
  const code = (error: EngineError) => error.code;
  expect(await startClickHouse({ data, port: await freePort(), password: "p", logger: stack.logger }).catch(code)).toBe("folder-locked");
  const taken = Number(new URL(stack.storeOptions.url).port);
  expect(await startClickHouse({ data: join(stack.folder, "other"), port: taken, password: "p", logger: stack.logger }).catch(code)).toBe(
    "port-taken",
  );
});

it("lets in nobody without the password", async () => {
  const { url } = stack.storeOptions;
  const ask = (authorization: string | null) =>
    fetch(`${url}/?query=SELECT+1`, authorization === null ? {} : { headers: { authorization } }).then((r) => r.status);
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  expect(await ask(null)).toBe(404);
  expect(await ask(basic("default", ""))).toBe(404);
  expect(await ask(basic("vedette", "wrong"))).toBe(404);
  expect(await fetch(`${url}/?query=SELECT+1&user=default`).then((r) => r.status)).toBe(404);
  expect(await ask(basic("vedette", stack.storeOptions.password))).toBe(200);
});

it("ends a nats-server whose watcher was killed before it starts the next", async () => {
  const alone = await natsPid(stack.folder);
  const watcher = stack.processes.running("nats");
  process.kill(watcher?.pid ?? 0, "SIGKILL");
  await watcher?.exited;
  expect(await isRunning(alone)).toBe(true);
  await stack.processes.start("nats");
  expect(await isRunning(alone)).toBe(false);
  expect(await natsPid(stack.folder)).not.toBe(alone);
});

it("ends both engines when their parent is killed", async () => {
  const parent: ChildProcess = spawn(process.execPath, ["--input-type=module-typescript", "-"], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: import.meta.dirname,
  });
  parent.stdin?.end(`
    import { startTestStack } from ${JSON.stringify(join(import.meta.dirname, "../kit/index.ts"))};
    const stack = await startTestStack();
    const [clickhouse, nats] = ["clickhouse", "nats"].map((part) => stack.processes.running(part).pid);
    process.stdout.write(JSON.stringify({ folder: stack.folder, clickhouse, nats }) + "\\n");
  `);
  const line = await new Promise<string>((resolve) => parent.stdout?.once("data", (bytes: Buffer) => resolve(bytes.toString())));
  const started = JSON.parse(line) as { folder: string; clickhouse: number; nats: number };
  const pids = [started.clickhouse, started.nats, await natsPid(started.folder)];
  expect(await Promise.all(pids.map(isRunning))).toEqual([true, true, true]);
  parent.kill("SIGKILL");
  await waitFor("all ended", async () => (await Promise.all(pids.map(isRunning))).every((running) => !running), 10_000);
  await rm(started.folder, { recursive: true, force: true });
});
