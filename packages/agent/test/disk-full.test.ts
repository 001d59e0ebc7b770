/** The outbox on a disk that is really full: a small tmpfs of its own, where this machine lets us mount one. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ReceiptSchema } from "@vedette/proto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDiskOutbox } from "../src/outbox/disk.ts";
import { entry, gaps } from "../src/outbox/outbox.suite.ts";
import { type Outbox, OutboxFullError, RANK, type Rank } from "../src/outbox/outbox.ts";

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
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 1, last: outbox.last }] }));
  expect(outbox.size().depth).toBe(0);
  outbox.close();

  const again = createDiskOutbox({ path, now: () => 6, maxBytes: 4 * 1024 ** 2 });
  expect(again.last).toBe(outbox.last);
  again.close();
});
