/** What an append, a saved identity or an opened outbox promises is on the disk when it returns: seen in the system calls, since a kill of the process alone never shows it. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { createDiskOutbox } from "../src/outbox/disk.ts";
import { entry, gaps } from "../src/testing/outbox.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-sync-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const CALLS = "pwrite64,pwritev,write,fsync,fdatasync,rename,renameat,renameat2";
const APPENDS = 20;

function canTrace(): boolean {
  try {
    execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

interface Call {
  readonly name: string;
  readonly file: number;
  /** Of the file that is written or synced, or of the one that gets another name. */
  readonly path: string;
}

/** The calls of a program in their order, until it ends. */
async function traced(program: string, ...args: readonly string[]): Promise<Call[]> {
  const log = join(folder, `${program}.strace`);
  const own = [process.execPath, fileURLToPath(new URL(program, import.meta.url)), ...args];
  await promisify(execFile)("strace", ["-f", "-y", "-e", `trace=${CALLS}`, "-o", log, ...own]);
  return readFileSync(log, "latin1")
    .split("\n")
    .flatMap((line) => {
      const [, name, file, path, renamed] = /^\d+ +(\w+)\((?:(\d+)<([^>]*)>|"([^"]*)")/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, file: Number(file), path: path ?? renamed ?? "" }];
    });
}

const isWrite = (c: Call) => c.name.startsWith("pwrite") || c.name === "write";
const isSync = (c: Call) => c.name === "fsync" || c.name === "fdatasync";
const isRename = (c: Call) => c.name.startsWith("rename");
const isSaid = (c: Call) => c.name === "write" && c.file === 1;

test("every append is on the disk before it returns", { timeout: 60_000 }, async ({ skip }) => {
  if (!canTrace()) skip("strace cannot trace here");
  const calls = await traced("appender.ts", join(folder, "outbox.sqlite"), String(APPENDS));
  let unsynced = 0;
  let appends = 0;
  for (const call of calls) {
    if (isWrite(call) && call.path.endsWith("-wal")) unsynced++;
    if (isSync(call) && call.path.endsWith("-wal")) unsynced = 0;
    if (!isSaid(call)) continue;
    expect(unsynced).toBe(0);
    appends++;
  }
  expect(appends).toBe(APPENDS);
  expect(calls.filter((c) => isWrite(c) && c.path.endsWith("-wal")).length).toBeGreaterThan(appends);
});

test("a file is replaced only by one that is whole on the disk", { timeout: 60_000 }, async ({ skip }) => {
  if (!canTrace()) skip("strace cannot trace here");
  const path = join(folder, "identity.json");
  const calls = await traced("replacer.ts", path);
  const order = calls.flatMap((c) => {
    if (c.path === path) return ["into the old one"];
    if (!c.path.startsWith(path)) return [];
    return [isRename(c) ? "rename" : isSync(c) ? "sync" : "write"];
  });
  expect(order).toEqual(["write", "sync", "rename"]);
});

test("the epoch of a damaged file stays named beside the new one until its loss is on the disk", { timeout: 60_000 }, async ({ skip }) => {
  if (!canTrace()) skip("strace cannot trace here");
  const path = join(folder, "damaged.sqlite");
  const outbox = createDiskOutbox({ path, now: Date.now });
  outbox.append([entry("a")]);
  const { epoch } = outbox;
  outbox.close();
  writeFileSync(path, Buffer.alloc(4_096, "no database"), { flag: "r+" });
  const calls = await traced("appender.ts", path, "0");
  const order = calls.flatMap((c) => {
    if (isRename(c)) return c.path === `${path}.epoch.new` ? ["named anew"] : [];
    if (c.path !== `${path}-wal`) return [];
    return [isSync(c) ? "synced" : "told"];
  });
  // The last that is written is the loss; the end of the program syncs once more.
  expect(order.slice(order.lastIndexOf("told")).slice(0, 3)).toEqual(["told", "synced", "named anew"]);
  expect(order.filter((step) => step === "named anew").length).toBe(1);
  const after = createDiskOutbox({ path, now: Date.now });
  expect(gaps(after).map((g) => [g.reason, g.epoch])).toEqual([["damaged", epoch.id]]);
  after.close();
});
