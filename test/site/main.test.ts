/** The site as a process: what it prints, how it ends, what it costs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, describe as suite, test } from "vitest";

const MAIN = join(import.meta.dirname, "main.ts");

suite.skipIf(process.platform !== "linux")("the simulated site as a process", () => {
  let data: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "vedette-site-"));
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(data, { recursive: true });
  });

  const run = (bind: string, ...more: string[]) => {
    const child = spawn(process.execPath, [MAIN, "--bind", bind, "--data", data, ...more], { stdio: ["pipe", "pipe", "pipe"] });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async () => JSON.parse((await lines.next()).value ?? "null") as Record<string, unknown>;
    return { child, line };
  };

  test("tells that it is ready within 3 s, drifts after the word on stdin, and ends with stdin", async () => {
    const startedAt = performance.now();
    const { child, line } = run("127.19.3.0/24", "--fresh", "--delay-ms", "50", "--every-ms", "50");
    const ready = await line();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(ready).toMatchObject({ ready: true, next: "telnet-opens", radioScope: ["Site-Cameras"] });
    expect((ready["personas"] as unknown[]).length).toBeGreaterThanOrEqual(10);
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(200 * 1024);
    child.stdin.write("ready\n");
    expect(await line()).toMatchObject({ drift: "telnet-opens", persona: "camera-telnet-later" });
    expect(await line()).toMatchObject({ drift: "tls10-on" });
    child.stdin.end();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test.each([
    [["--bind", "127.0.0.0/24"], 2, "must lie in 127.0.0.0/8 and not hold 127.0.0.1"],
    [["--bind", "192.0.2.0/24"], 2, "must lie in 127.0.0.0/8"],
    [["--bind", "127.19.3.0/24", "--devices", "many"], 2, '--devices: "many" is not a whole number'],
    [["--bind", "127.19.3.0/24", "--devices", "900"], 2, "has no room for 900 devices"],
    [["--bind", "127.19.4.0/24", "--seed", "other"], 3, "start with these, or fresh"],
  ])("refuses %j with status %i", async (words, status, sentence) => {
    const [, bind = "", ...more] = words;
    const { child } = run(bind, ...more);
    let said = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      said += bytes.toString();
    });
    const [code] = (await once(child, "exit")) as [number];
    expect([code, said.trim().split("\n").length, said.includes(sentence)]).toEqual([status, 1, true]);
  });
});
