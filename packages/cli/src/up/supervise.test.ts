import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "./folder.ts";
import { ChildNotes, endOrphans } from "./orphan.ts";
import { choosePorts } from "./ports.ts";
import { processIdentity, sameProcess } from "./process.ts";
import { type Running, Supervisor } from "./supervise.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-up-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sleeper(): Running {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); process.stdin.on('end', () => process.exit(0))"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const stop = () => {
    child.stdin.end();
    return exited;
  };
  return { pid: child.pid ?? 0, exited, stop };
}

describe("Supervisor", () => {
  it("starts a child again when it is killed, and stops all at the end", async () => {
    const notes = new ChildNotes(join(folder, "children.json"));
    const supervisor = new Supervisor(pino({ level: "silent" }), notes);
    const pids: number[] = [];
    await supervisor.add({
      name: "sleeper",
      start: async () => {
        const running = sleeper();
        pids.push(running.pid);
        return running;
      },
    });
    process.kill(pids[0] ?? 0, "SIGKILL");
    for (let i = 0; i < 50 && pids.length < 2; i++) await sleep(100);
    expect(pids).toHaveLength(2);
    await supervisor.stop();
    expect(pids.map(processIdentity)).toEqual([null, null]);
    expect(JSON.parse(readFileSync(join(folder, "children.json"), "utf8"))).toEqual({});
  });
});

describe("endOrphans", () => {
  it("ends what was noted, and nothing else that bears its pid", async () => {
    const mine = sleeper();
    const other = sleeper();
    const identity = processIdentity(other.pid);
    writeFileSync(
      join(folder, "children.json"),
      JSON.stringify({ mine: processIdentity(mine.pid), other: { ...identity, startTime: "1" } }),
    );
    expect(await endOrphans(join(folder, "children.json"), 0)).toEqual(["mine"]);
    await mine.exited;
    expect(sameProcess(identity)).toBe(true);
    await other.stop();
  });
});

describe("openFolder", () => {
  it("lets one process in, and keeps demo and real apart", () => {
    const first = openFolder(folder, "demo", 64);
    expect(() => openFolder(folder, "demo", 64)).toThrow(/in use by process/);
    first.release();
    expect(() => openFolder(folder, "real", 64)).toThrow(/holds a demo/);
    expect(() => openFolder(folder, "demo", 32)).toThrow(/64 buckets, not 32/);
    openFolder(folder, "demo", 64).release();
  });

  it("takes over the lock of a process that is gone", () => {
    openFolder(folder, "demo", 64).release();
    writeFileSync(join(folder, "run", "lock"), JSON.stringify({ pid: 999_999_999, startTime: "1", executable: "/x" }));
    openFolder(folder, "demo", 64).release();
  });
});

describe("choosePorts", () => {
  it("gives four different free ports for 0, and names the one that is taken", async () => {
    const ports = await choosePorts(0);
    expect(new Set(Object.values(ports)).size).toBe(4);
    const { createServer } = await import("node:net");
    const server = createServer().listen({ host: "127.0.0.1", port: ports.nats });
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(choosePorts(ports.nats)).rejects.toThrow(`--port: ${ports.nats} of 127.0.0.1, needed for the console, is taken`);
    server.close();
  });
});
