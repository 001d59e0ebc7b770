import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary } from "@bufbuild/protobuf";
import { ObservationSchema, ReceiptSchema } from "@vedette/proto";
import { afterAll, expect, test } from "vitest";
import { createDiskOutbox } from "../src/outbox/disk.ts";
import type { Outbox } from "../src/outbox/outbox.ts";

const KILLS = 20;
const folder = mkdtempSync(join(tmpdir(), "vedette-kill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the appender until it has said something and `aliveMs` have passed, kills it, and returns the last seq that it called committed. */
async function killed(path: string, aliveMs: number): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("appender.ts", import.meta.url)), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  let said = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    said += text;
  });
  await Promise.race([once(child.stdout, "data"), ended]);
  await new Promise((resolve) => setTimeout(resolve, aliveMs));
  child.kill("SIGKILL");
  await ended;
  // A line that the kill cut short says nothing.
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
}

function keptSeqs(outbox: Outbox): number[] {
  const seqs: number[] = [];
  for (let b = outbox.batch(0); b !== undefined; b = outbox.batch(b.end))
    seqs.push(...b.observations.map((o) => fromBinary(ObservationSchema, o).seq));
  return seqs;
}

test(`${KILLS} kills in the middle of appending: nothing committed is missing, no seq is used twice`, { timeout: 120_000 }, async () => {
  const path = join(folder, "outbox.sqlite");
  let epoch: string | undefined;
  let receipted = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const committed = await killed(path, Math.random() * 80);
    expect(committed).toBeGreaterThan(receipted);
    const outbox = createDiskOutbox({ path, now: Date.now });
    epoch ??= outbox.epoch.id;
    expect(outbox.epoch.id).toBe(epoch);
    const seqs = keptSeqs(outbox);
    // The last append may have been committed just before its line was written.
    expect(seqs.at(-1)).toBeGreaterThanOrEqual(committed);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => receipted + 1 + i));
    receipted = seqs.at(-1 - Math.floor(Math.random() * 5)) ?? receipted;
    outbox.apply(create(ReceiptSchema, { epoch, stored: [{ first: 1, last: receipted }] }));
    outbox.close();
  }
});
