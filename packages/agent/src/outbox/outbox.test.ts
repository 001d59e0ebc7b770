import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createDiskOutbox } from "./disk.ts";
import { createMemoryOutbox } from "./memory.ts";
import { entry, outboxSuite } from "./outbox.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-outbox-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}.sqlite`);

outboxSuite("memory", (o) => createMemoryOutbox({ now: Date.now, ...o }));
outboxSuite("disk", (o) => createDiskOutbox({ path: freshPath(), now: Date.now, ...o }));

test("a disk outbox opened again goes on where it stood", () => {
  const path = freshPath();
  const one = createDiskOutbox({ path, now: () => 1 });
  one.append([entry("a"), entry("b")]);
  const { epoch } = one;
  one.close();
  const two = createDiskOutbox({ path, now: () => 2 });
  expect(two.epoch).toEqual(epoch);
  expect(two.size()).toMatchObject({ depth: 2, oldestMs: 1 });
  expect(two.told("b")?.base).toMatchObject({ epoch: epoch.id, seq: 2 });
  expect(two.append([entry("c")])).toEqual([3]);
  two.close();
});

test("a damaged file is set aside, kept, and a new epoch begins", () => {
  const path = freshPath();
  writeFileSync(path, "this is no database, and it is longer than a header of one hundred bytes ".repeat(100));
  const moved: string[] = [];
  const outbox = createDiskOutbox({ path, now: () => 42, onSetAside: (to) => moved.push(to) });
  expect(outbox.append([entry("a")])).toEqual([1]);
  expect(moved).toEqual([`${path}.damaged-42`]);
  expect(readdirSync(folder).some((f) => f.endsWith(".damaged-42"))).toBe(true);
  outbox.close();
});
