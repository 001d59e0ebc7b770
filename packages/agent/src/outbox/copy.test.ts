/** Copies of an outbox: a disk put back, an image that two agents start from. None goes on numbering where another may. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ReceiptSchema } from "@vedette/proto";
import { afterAll, expect, test } from "vitest";
import { entry, gaps } from "../testing/outbox.ts";
import { createDiskOutbox } from "./disk.ts";
import type { Outbox } from "./outbox.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-copy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => mkdtempSync(join(folder, `${folders++}-`));
const at = (data: string, machine = "boot 1", now = 1): Outbox =>
  createDiskOutbox({ path: join(data, "outbox.sqlite"), now: () => now, machine });

/** Epoch, first and last seq of each batch. */
function batches(outbox: Outbox): [string, number, number][] {
  const all: [string, number, number][] = [];
  for (let b = outbox.batch(0); b !== undefined; b = outbox.batch(b.end)) all.push([b.epoch.id, b.first, b.last]);
  return all;
}

function copyOf(data: string): string {
  const copy = freshFolder();
  for (const name of readdirSync(data)) cpSync(join(data, name), join(copy, name));
  return copy;
}

test("two agents of one image share what was there before, and nothing that comes after", () => {
  const data = freshFolder();
  const image = at(data);
  image.append([entry("a"), entry("b")]);
  const old = image.epoch.id;
  image.close();
  const copy = copyOf(data);
  const one = at(data);
  const two = at(copy);
  expect(one.epoch.id).toBe(old);
  expect(two.epoch.id).not.toBe(old);
  expect(one.append([entry("c")])).toEqual([3]);
  expect(two.append([entry("d")])).toEqual([1]);
  expect(batches(one)).toEqual([[old, 1, 3]]);
  expect(batches(two)).toEqual([
    [old, 1, 2],
    [two.epoch.id, 1, 1],
  ]);
  expect(two.batch(0)?.observations).toEqual(one.batch(0)?.observations.slice(0, 2));
  // Their facts go out again.
  expect(one.told("a")?.base).toBeDefined();
  expect(two.told("a")?.base).toBeUndefined();
  one.close();
  two.close();
});

test("on another machine, or after a reboot, a new epoch begins; a restart goes on", () => {
  const data = freshFolder();
  const first = at(data);
  first.append([entry("a")]);
  first.close();
  const restarted = at(data);
  expect(restarted.epoch).toEqual(first.epoch);
  restarted.close();
  const rebooted = at(data, "boot 2");
  expect(rebooted.epoch.id).not.toBe(first.epoch.id);
  expect(gaps(rebooted)).toEqual([]);
  rebooted.close();
  const again = at(data, "boot 2");
  expect(again.epoch).toEqual(rebooted.epoch);
  again.close();
});

test("an older file that is put back uses no seq again, and what was lost with the newer one is told", () => {
  const data = freshFolder();
  const one = at(data);
  one.append([entry("a"), entry("b")]);
  one.close();
  const backup = copyOf(data);
  const two = at(data, "boot 2", 2);
  two.append([entry("c"), entry("d")]);
  two.apply(create(ReceiptSchema, { epoch: one.epoch.id, stored: [{ first: 1, last: 2 }] }));
  two.close();
  // The file alone, into the very same place.
  cpSync(join(backup, "outbox.sqlite"), join(data, "outbox.sqlite"));
  const three = at(data, "boot 2", 3);
  expect([one.epoch.id, two.epoch.id]).not.toContain(three.epoch.id);
  expect(three.append([entry("e")])).toEqual([2]);
  expect(gaps(three)).toMatchObject([{ reason: "damaged", epoch: two.epoch.id, ranges: [{ first: 1 }] }]);
  expect(batches(three)).toEqual([
    [one.epoch.id, 1, 2],
    [three.epoch.id, 1, 2],
  ]);
  three.close();
  const four = at(data, "boot 2", 4);
  expect(four.epoch).toEqual(three.epoch);
  expect(gaps(four)).toHaveLength(1);
  four.close();
});

test("nor does one that is put back while the machine runs on", () => {
  const data = freshFolder();
  const one = at(data);
  one.append([entry("a")]);
  one.close();
  const backup = copyOf(data);
  const two = at(data);
  two.renewEpoch();
  two.append([entry("b")]);
  two.close();
  cpSync(join(backup, "outbox.sqlite"), join(data, "outbox.sqlite"));
  const three = at(data);
  expect([one.epoch.id, two.epoch.id]).not.toContain(three.epoch.id);
  three.close();
});

test("the epochs of many reboots are known as long as anything of them is left", () => {
  const data = freshFolder();
  const epochs: string[] = [];
  for (let boot = 1; boot <= 20; boot++) {
    const outbox = at(data, `boot ${boot}`, boot);
    epochs.push(outbox.epoch.id);
    outbox.append([entry(`l${boot}`)]);
    outbox.close();
  }
  const outbox = at(data, "boot 20");
  expect(batches(outbox)).toEqual(epochs.map((epoch) => [epoch, 1, 1]));
  expect(gaps(outbox)).toEqual([]);
  for (const epoch of epochs) outbox.apply(create(ReceiptSchema, { epoch, stored: [{ first: 1, last: 1 }] }));
  expect(outbox.size().depth).toBe(0);
  outbox.close();
});
