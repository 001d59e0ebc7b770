/** The outbox on a disk that is really full: a small tmpfs of its own, where this machine lets us mount one. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ReceiptSchema } from "@vedette/proto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createDiskOutbox } from "../src/outbox/disk.ts";
import { type Outbox, OutboxFullError, RANK, type Rank } from "../src/outbox/outbox.ts";
import { isFull } from "../src/outbox/sqlite-error.ts";
import { entry, gaps } from "../src/testing/outbox.ts";

const DISK_MIB = 8;
const folder = mkdtempSync(join(tmpdir(), "vedette-full-"));
let mounted = false;

beforeAll(() => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MIB}m`, "tmpfs", folder], { stdio: "ignore" });
    mounted = true;
  } catch {
    // Not root, or a container without mounts: the test says that it was skipped.
  }
});
afterAll(() => {
  if (mounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => rmSync(join(folder, "other"), { force: true }));

const freeBytes = () => {
  const s = statfsSync(folder);
  return s.bavail * s.bsize;
};

/** Whether it was taken. */
function offer(outbox: Outbox, look: string, rank: Rank): boolean {
  try {
    outbox.append([entry(look, "lo", 2_000, rank)]);
    return true;
  } catch (cause) {
    if (cause instanceof OutboxFullError) return false;
    throw cause;
  }
}

test("a full disk costs confirmations, never a change while there is something else, and nothing goes unsaid", ({ skip }) => {
  if (!mounted) skip("no tmpfs can be mounted here");
  const path = join(folder, "outbox.sqlite");
  const outbox = createDiskOutbox({ path, now: () => 5, maxBytes: 4 * 1024 ** 2 });
  for (let i = 0; i < 400; i++) outbox.append([entry(`l${i}`, "lo", 2_000, i % 4 === 0 ? RANK.change : RANK.confirmation)]);
  expect(outbox.size().dropped).toBe(0);
  // Somebody else takes the rest of the disk.
  writeFileSync(join(folder, "other"), new Uint8Array(Math.floor(freeBytes() / 4096) * 4096));
  expect(freeBytes()).toBe(0);
  let taken = 0;
  for (let i = 0; i < 300; i++) if (offer(outbox, `n${i}`, RANK.change)) taken++;
  expect(taken).toBeGreaterThan(250);
  const { dropped, refused } = outbox.size();
  expect(dropped).toBeGreaterThan(0);
  const told = gaps(outbox).filter((g) => g.reason === "disk-full");
  expect(told.some((g) => g.confirmations > 0 && g.changes === 0)).toBe(true);
  expect(told.reduce((sum, g) => sum + (g.ranges.length > 0 ? g.confirmations + g.changes : 0), 0)).toBe(dropped);

  rmSync(join(folder, "other"));
  expect(offer(outbox, "after", RANK.change)).toBe(true);
  const refusals = gaps(outbox).filter((g) => g.ranges.length === 0);
  expect(refusals.reduce((sum, g) => sum + g.changes, 0)).toBe(refused);
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 1, last: outbox.end }] }));
  expect(outbox.size().depth).toBe(0);
  outbox.close();

  const again = createDiskOutbox({ path, now: () => 6, maxBytes: 4 * 1024 ** 2 });
  expect(again.end).toBe(outbox.end);
  again.close();
});

/** Takes what is left of the disk. */
function fillDisk(): void {
  for (let size = Math.floor(freeBytes() / 4096) * 4096; size > 0; size = Math.floor(freeBytes() / 4096) * 4096)
    writeFileSync(join(folder, "other"), new Uint8Array(size), { flag: "a" });
}

test("on a full disk receipts are noted or come again, and nothing throws; with room again all drains", ({ skip }) => {
  if (!mounted) skip("no tmpfs can be mounted here");
  const path = join(folder, "receipts.sqlite");
  const outbox = createDiskOutbox({ path, now: () => 5, maxBytes: 4 * 1024 ** 2 });
  for (let i = 0; i < 600; i++) outbox.append([entry(`l${i}`, "lo", 2_000)]);
  const { end } = outbox;
  fillDisk();
  let removed = 0;
  const receipt = (first: number, last: number) => create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first, last }] });
  for (let first = 1; first <= end; first += 100) {
    removed += outbox.apply(receipt(first, first + 99)).removed;
    // Whoever fills the disk takes what becomes free, too.
    fillDisk();
  }
  expect(outbox.size().depth).toBe(end - removed);
  rmSync(join(folder, "other"));
  outbox.apply(receipt(1, end));
  expect(outbox.size().depth).toBe(0);
  expect(outbox.append([entry("after")])).toEqual([end + 1]);
  outbox.close();
});

test("an outbox is opened on a full disk, and what it cannot say of a damaged file then, it says later", ({ skip }) => {
  if (!mounted) skip("no tmpfs can be mounted here");
  const path = join(folder, "opened.sqlite");
  const one = createDiskOutbox({ path, now: () => 1, maxBytes: 1024 ** 2 });
  for (let i = 0; i < 100; i++) one.append([entry(`l${i}`, "lo", 2_000)]);
  const { epoch } = one;
  one.close();
  fillDisk();
  const two = createDiskOutbox({ path, now: () => 2, maxBytes: 1024 ** 2 });
  expect(two.epoch).toEqual(epoch);
  expect(two.batch(0)).toMatchObject({ first: 1, last: 100 });
  two.close();
  writeFileSync(path, Buffer.alloc(4_096, "no database"), { flag: "r+" });
  fillDisk();
  const three = createDiskOutbox({ path, now: () => 3, maxBytes: 1024 ** 2 });
  while (offer(three, "filler", RANK.change)) fillDisk();
  three.close();
  rmSync(join(folder, "other"));
  const four = createDiskOutbox({ path, now: () => 4, maxBytes: 1024 ** 2 });
  expect(offer(four, "after", RANK.change)).toBe(true);
  expect(gaps(four).filter((g) => g.epoch === epoch.id)).toMatchObject([{ reason: "damaged" }]);
  four.close();
});

test("whatever room is left, the loss of a damaged file is told once, at the latest when there is room again", ({ skip }) => {
  if (!mounted) skip("no tmpfs can be mounted here");
  const options = { path: join(folder, "lost.sqlite"), maxBytes: 1024 ** 2 };
  const other = join(folder, "other");
  for (let room = 0; room <= 320 * 1024; room += 4 * 1024) {
    const one = createDiskOutbox({ ...options, now: () => 1 });
    for (let i = 0; i < 50; i++) one.append([entry(`l${i}`, "lo", 2_000)]);
    const { epoch } = one;
    one.close();
    writeFileSync(options.path, Buffer.alloc(4_096, "no database"), { flag: "r+" });
    fillDisk();
    truncateSync(other, Math.max(0, statSync(other).size - room));
    try {
      createDiskOutbox({ ...options, now: () => 2 }).close();
    } catch (cause) {
      if (!isFull(cause)) throw cause;
    }
    rmSync(other);
    const two = createDiskOutbox({ ...options, now: () => 3 });
    expect([room, gaps(two).filter((g) => g.epoch === epoch.id).length]).toEqual([room, 1]);
    two.close();
    for (const name of readdirSync(folder).filter((n) => n.startsWith("lost."))) rmSync(join(folder, name));
  }
});
